import { type Counter, type Family, type Histogram, MetricsRegistry } from '@coxswain/machinery';

/** Upper bounds in seconds, as upstream's. */
const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const conditionSeconds = [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25];

/** What a question to a webhook came to. */
export type WebhookOutcome = 'success' | 'error' | 'timeout';

/** Counts what webhook authorizers were asked, under upstream's names. */
export class WebhookMetrics {
  readonly #evaluations: Family<Counter>;
  readonly #failOpen: Family<Counter>;
  readonly #durations: Family<Histogram>;
  readonly #exclusions: Family<Counter>;
  readonly #conditionErrors: Family<Counter>;
  readonly #conditionDurations: Family<Histogram>;

  constructor(registry: MetricsRegistry = new MetricsRegistry()) {
    const labels = ['name', 'result'];
    this.#evaluations = registry.counter({
      name: 'apiserver_authorization_webhook_evaluations_total',
      help: 'Questions to authorization webhooks, by webhook and outcome.',
      labels,
    });
    this.#failOpen = registry.counter({
      name: 'apiserver_authorization_webhook_evaluations_fail_open_total',
      help: 'Failures of authorization webhooks that left the decision to others.',
      labels,
    });
    this.#durations = registry.histogram({
      name: 'apiserver_authorization_webhook_duration_seconds',
      help: 'How long authorization webhooks took, by webhook and outcome.',
      labels,
      buckets: seconds,
    });
    this.#exclusions = registry.counter({
      name: 'apiserver_authorization_match_condition_exclusions_total',
      help: 'Requests that match conditions kept from an authorizer.',
      labels: ['name', 'type'],
    });
    this.#conditionErrors = registry.counter({
      name: 'apiserver_authorization_match_condition_evaluation_errors_total',
      help: 'Match conditions of authorizers that failed.',
      labels: ['name', 'type'],
    });
    this.#conditionDurations = registry.histogram({
      name: 'apiserver_authorization_match_condition_evaluation_seconds',
      help: 'How long the match conditions of an authorizer took.',
      labels: ['name', 'type'],
      buckets: conditionSeconds,
    });
  }

  /** A webhook was asked, once. */
  asked(name: string, result: WebhookOutcome, ms: number): void {
    this.#evaluations.with(name, result).inc();
    this.#durations.with(name, result).observe(ms / 1000);
  }

  /** A webhook that failed left the decision to others. */
  failedOpen(name: string, result: Exclude<WebhookOutcome, 'success'>): void {
    this.#failOpen.with(name, result).inc();
  }

  /** The conditions of a webhook were looked at. */
  conditionsTook(name: string, ms: number): void {
    this.#conditionDurations.with(name, 'Webhook').observe(ms / 1000);
  }

  excluded(name: string): void {
    this.#exclusions.with(name, 'Webhook').inc();
  }

  conditionFailed(name: string): void {
    this.#conditionErrors.with(name, 'Webhook').inc();
  }
}
