import type { MetricsRegistry } from '@coxswain/machinery';
import { type ApiService, type Availability, isAvailable } from './api-service.ts';

/** Upstream's metrics of who does not serve what it should. */
export class AvailabilityMetrics {
  readonly #unavailable: ReturnType<MetricsRegistry['gauge']>;
  readonly #losses: ReturnType<MetricsRegistry['counter']>;

  constructor(registry: MetricsRegistry) {
    this.#unavailable = registry.gauge({
      name: 'aggregator_unavailable_apiservice',
      help: 'APIServices that are unavailable, by name.',
      labels: ['name'],
    });
    this.#losses = registry.counter({
      name: 'aggregator_unavailable_apiservice_total',
      help: 'How often APIServices became unavailable, by name and reason.',
      labels: ['name', 'reason'],
    });
  }

  /** An APIService was looked at. @param before as it was stored */
  checked(before: ApiService, now: Availability): void {
    const name = before.metadata.name as string;
    const available = now.status === 'True';
    this.#unavailable.with(name).value = available ? 0 : 1;
    if (!available && isAvailable(before)) this.#losses.with(name, now.reason).value++;
  }

  forget(name: string): void {
    this.#unavailable.remove(name);
  }
}
