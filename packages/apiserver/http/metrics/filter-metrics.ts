import type { Clock, Family, Histogram, MetricsRegistry } from '@coxswain/machinery';
import { SampledDurations } from '../../access/metrics/sampled-durations.ts';

/** Filters of upstream's that a request goes through before it is served; its names. */
const fairness = 'priorityandfairness';
const names = ['authentication', 'audit', 'constrainedimpersonation', fairness, 'authorization'] as const;
export type FilterName = (typeof names)[number];

/** How long requests took to get through each filter, of a sample. */
export class FilterMetrics {
  readonly #family: Family<Histogram>;
  readonly #filters: Readonly<Record<FilterName, SampledDurations>>;

  constructor(registry: MetricsRegistry, clock: Clock) {
    const family = registry.histogram({
      name: 'apiserver_request_filter_duration_seconds',
      help: 'How long requests took to get through a filter.',
      labels: ['filter'],
      buckets: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5, 10, 15, 30],
    });
    this.#family = family;
    this.#filters = {
      authentication: new SampledDurations(family, clock),
      audit: new SampledDurations(family, clock),
      constrainedimpersonation: new SampledDurations(family, clock),
      priorityandfairness: new SampledDurations(family, clock),
      authorization: new SampledDurations(family, clock),
    };
    registry.beforeWrite(() => {
      for (const name of names) this.#filters[name].flush();
    });
  }

  /** A request comes to a filter; for `end`. */
  begin(filter: FilterName): number {
    return this.#filters[filter].begin();
  }

  /** It has got through. */
  end(filter: FilterName, began: number): void {
    this.#filters[filter].end(began, filter);
  }

  /** It stood in a queue: that is no matter of samples. */
  queued(ms: number): void {
    this.#family.with(fairness).observe(ms / 1000);
  }
}
