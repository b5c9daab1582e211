import type { Counter, Family, Histogram, MetricsRegistry } from '@coxswain/machinery';

/** Whether an address was asked for, or any would do; upstream's names. */
export type AllocationScope = 'static' | 'dynamic';

const prefix = 'kube_apiserver_clusterip_allocator_allocation';
/** The bounds that Prometheus' Go library takes where none are given. */
const defaultBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts the addresses that services are given, by their range. */
export class AllocationCounts {
  readonly #done: Family<Counter>;
  readonly #failed: Family<Counter>;
  readonly #seconds: Family<Histogram>;

  constructor(registry: MetricsRegistry) {
    const labels = ['cidr', 'scope'];
    this.#done = registry.counter({
      name: `${prefix}_total`,
      help: 'Addresses that services were given.',
      labels,
    });
    this.#failed = registry.counter({
      name: `${prefix}_errors_total`,
      help: 'Addresses that services could not have.',
      labels,
    });
    this.#seconds = registry.histogram({
      name: `${prefix}_duration_seconds`,
      help: 'How long it took to give a service an address.',
      labels: ['cidr'],
      buckets: defaultBuckets,
    });
  }

  done(cidr: string, scope: AllocationScope, ms: number): void {
    this.#done.with(cidr, scope).inc();
    this.#seconds.with(cidr).observe(ms / 1000);
  }

  failed(cidr: string, scope: AllocationScope): void {
    this.#failed.with(cidr, scope).inc();
  }
}
