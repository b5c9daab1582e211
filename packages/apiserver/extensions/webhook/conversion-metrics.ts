import type { Counter, Family, Histogram, MetricsRegistry } from '@coxswain/machinery';

/** Where a conversion failed; `''` where no webhook was asked. */
export type ConversionFailure =
  | ''
  | 'conversion_webhook_call_failure'
  | 'conversion_webhook_malformed_response_failure'
  | 'conversion_webhook_partial_response_failure'
  | 'conversion_webhook_invalid_converted_object_failure';

/** One conversion that a webhook was asked for. */
export interface Conversion {
  /** Name of the definition. */
  readonly definition: string;
  /** Names of the versions. */
  readonly from: string;
  readonly to: string;
  /** Absent where it succeeded. */
  readonly failure: ConversionFailure | undefined;
  readonly ms: number;
}

/** Counts the calls of conversion webhooks, under upstream's names. */
export class ConversionMetrics {
  readonly #requests: Family<Counter>;
  readonly #seconds: Family<Histogram>;
  readonly #definitionSeconds: Family<Histogram>;

  constructor(registry: MetricsRegistry) {
    this.#requests = registry.counter({
      name: 'apiserver_conversion_webhook_request_total',
      help: 'Calls of conversion webhooks, by what they came to.',
      labels: ['result', 'failure_type'],
    });
    this.#seconds = registry.histogram({
      name: 'apiserver_conversion_webhook_duration_seconds',
      help: 'How long calls of conversion webhooks took.',
      labels: ['result', 'failure_type'],
      buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 45, 60],
    });
    this.#definitionSeconds = registry.histogram({
      name: 'apiserver_crd_conversion_webhook_duration_seconds',
      help: 'How long the conversions of a definition took.',
      labels: ['crd_name', 'from_version', 'to_version', 'succeeded'],
      // one millisecond, doubled
      buckets: Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i),
    });
  }

  converted({ definition, from, to, failure, ms }: Conversion): void {
    const result = failure === undefined ? 'success' : 'failure';
    const seconds = ms / 1000;
    if (failure !== '') {
      this.#requests.with(result, failure ?? '').inc();
      this.#seconds.with(result, failure ?? '').observe(seconds);
    }
    this.#definitionSeconds.with(definition, from, to, String(failure === undefined)).observe(seconds);
  }
}
