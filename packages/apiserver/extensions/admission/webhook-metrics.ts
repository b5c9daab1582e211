import type { Counter, Family, Histogram, MetricsRegistry } from '@coxswain/machinery';

export type WebhookKind = 'mutating' | 'validating';

/** What a call of a webhook came to. */
export interface CallOutcome {
  /** HTTP's, of the webhook or of the refusal in its name; 0 for a fault of the server's own. */
  readonly code: number;
  /** The request is refused for this. */
  readonly refusal?: 'calling_webhook_error' | 'apiserver_internal_error' | 'no_error';
  /** The webhook failed, and the request goes on all the same. */
  readonly failedOpen?: boolean;
}

/** How upstream's metrics call the kinds. */
const typeOf: Readonly<Record<WebhookKind, string>> = { mutating: 'admit', validating: 'validating' };

/** Codes beyond it count as it. */
const highestCode = 600;

/** Counts the calls of admission webhooks, under upstream's names. */
export class WebhookMetrics {
  readonly #seconds: Family<Histogram>;
  readonly #requests: Family<Counter>;
  readonly #rejections: Family<Counter>;
  readonly #failedOpen: Family<Counter>;
  readonly #conditionFaults: Family<Counter>;
  readonly #conditionSeconds: Family<Histogram>;
  readonly #exclusions: Family<Counter>;

  constructor(registry: MetricsRegistry) {
    this.#seconds = registry.histogram({
      name: 'apiserver_admission_webhook_admission_duration_seconds',
      help: 'How long each admission webhook took.',
      labels: ['name', 'type', 'operation', 'rejected'],
      buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25],
      stability: 'STABLE',
    });
    this.#requests = registry.counter({
      name: 'apiserver_admission_webhook_request_total',
      help: 'Calls of each admission webhook.',
      labels: ['name', 'type', 'operation', 'code', 'rejected'],
    });
    this.#rejections = registry.counter({
      name: 'apiserver_admission_webhook_rejection_count',
      help: 'Requests that an admission webhook refused, or that were refused as it failed.',
      labels: ['name', 'type', 'operation', 'error_type', 'rejection_code'],
    });
    this.#failedOpen = registry.counter({
      name: 'apiserver_admission_webhook_fail_open_count',
      help: 'Failures of admission webhooks that were let pass.',
      labels: ['name', 'type'],
    });
    const labels = ['name', 'kind', 'type', 'operation'];
    this.#conditionFaults = registry.counter({
      name: 'apiserver_admission_match_condition_evaluation_errors_total',
      help: 'Match conditions that failed, by whose they are.',
      labels,
    });
    this.#exclusions = registry.counter({
      name: 'apiserver_admission_match_condition_exclusions_total',
      help: 'Requests that match conditions kept from somebody, by whose they are.',
      labels,
    });
    this.#conditionSeconds = registry.histogram({
      name: 'apiserver_admission_match_condition_evaluation_seconds',
      help: 'How long it took to find that match conditions do not hold, or fail, by whose they are.',
      labels,
      buckets: [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25],
    });
  }

  conditionFailed(name: string, kind: WebhookKind, operation: string): void {
    this.#conditionFaults.with(name, 'webhook', typeOf[kind], operation).inc();
  }

  /** A webhook is not asked, for its conditions do not hold, or fail and may. */
  excluded(name: string, kind: WebhookKind, operation: string): void {
    this.#exclusions.with(name, 'webhook', kind === 'mutating' ? 'admit' : 'validate', operation).inc();
  }

  /** Conditions do not all hold. @param ms how long it took to find that */
  unmatched(name: string, kind: WebhookKind, operation: string, ms: number): void {
    this.#conditionSeconds.with(name, 'webhook', typeOf[kind], operation).observe(ms / 1000);
  }

  /** @param ms how long it took */
  called(name: string, kind: WebhookKind, operation: string, outcome: CallOutcome, ms: number): void {
    const type = typeOf[kind];
    const code = String(Math.min(outcome.code, highestCode));
    const { refusal } = outcome;
    const rejected = String(refusal !== undefined);
    if (refusal !== undefined) this.#rejections.with(name, type, operation, refusal, code).inc();
    if (outcome.failedOpen === true) this.#failedOpen.with(name, type).inc();
    this.#requests.with(name, type, operation, code, rejected).inc();
    this.#seconds.with(name, type, operation, rejected).observe(ms / 1000);
  }
}
