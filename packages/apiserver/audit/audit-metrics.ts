import type { Counter, Family, MetricsRegistry } from '@coxswain/machinery';
import type { AuditLevel } from './event.ts';

/** Upstream's counters of auditing. */
export class AuditMetrics {
  readonly #events: Counter;
  readonly #rejected: Counter;
  readonly #levels: Family<Counter>;
  readonly #errors: Family<Counter>;

  constructor(registry: MetricsRegistry) {
    const counter = (name: string, help: string, labels: readonly string[] = []): Family<Counter> =>
      registry.counter({ name: `apiserver_audit_${name}_total`, help, labels });
    this.#events = counter('event', 'Audit events that were handed to the backends.').with();
    this.#rejected = counter(
      'requests_rejected',
      'Requests refused as their event could not be kept.',
    ).with();
    this.#levels = counter('level', 'Levels that the policy chose, one a request.', ['level']);
    this.#errors = counter('error', 'Audit events that could not be kept.', ['plugin']);
  }

  /** An event was handed to the sinks. */
  sent(): void {
    this.#events.inc();
  }

  /** A policy decided on a request. */
  decided(level: AuditLevel): void {
    this.#levels.with(level).inc();
  }

  /** A request was refused, as its event could not be kept. */
  rejected(): void {
    this.#rejected.inc();
  }

  /** A sink could not keep events. */
  failed(plugin: string, events: number): void {
    this.#errors.with(plugin).value += events;
  }
}
