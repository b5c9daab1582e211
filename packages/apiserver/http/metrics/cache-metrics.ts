import type { MetricsRegistry, Stability } from '@coxswain/machinery';
import type { ResourceRegistry } from '../../registry/resource-registry.ts';
import type { CacheCounts } from '../../storage/cache-counts.ts';

/** A counter of each resource. */
interface CountedFamily {
  readonly name: string;
  readonly help: string;
  readonly count: (counts: CacheCounts) => number;
  /** Lists that it is about: told as soon as there was one. */
  readonly of?: 'fromCache' | 'fromStore';
  /** Upstream tells it by index as well. */
  readonly indexed?: boolean;
  readonly stability?: Stability;
}

const families: readonly CountedFamily[] = [
  {
    name: 'apiserver_cache_list_total',
    help: 'Lists answered from the cache.',
    count: (c) => c.fromCache.lists,
    of: 'fromCache',
    indexed: true,
  },
  {
    name: 'apiserver_cache_list_fetched_objects_total',
    help: 'Objects of the cache that lists looked at.',
    count: (c) => c.fromCache.fetched,
    of: 'fromCache',
    indexed: true,
  },
  {
    name: 'apiserver_cache_list_returned_objects_total',
    help: 'Objects of the cache that lists gave.',
    count: (c) => c.fromCache.returned,
    of: 'fromCache',
  },
  {
    name: 'apiserver_storage_list_total',
    help: 'Lists answered from the store.',
    count: (c) => c.fromStore.lists,
    of: 'fromStore',
  },
  {
    name: 'apiserver_storage_list_fetched_objects_total',
    help: 'Objects of the store that lists read.',
    count: (c) => c.fromStore.fetched,
    of: 'fromStore',
  },
  {
    name: 'apiserver_storage_list_evaluated_objects_total',
    help: 'Objects of the store that lists compared with their selector.',
    count: (c) => c.fromStore.fetched,
    of: 'fromStore',
  },
  {
    name: 'apiserver_storage_list_returned_objects_total',
    help: 'Objects of the store that lists gave.',
    count: (c) => c.fromStore.returned,
    of: 'fromStore',
  },
  {
    name: 'apiserver_storage_events_received_total',
    help: 'Events that the store told of.',
    count: (c) => c.events,
    stability: 'BETA',
  },
  {
    name: 'apiserver_init_events_total',
    help: 'Objects that the cache began with.',
    count: (c) => c.initial,
  },
  {
    name: 'apiserver_watch_cache_initializations_total',
    help: 'Times that the cache was filled from the store.',
    count: (c) => c.initializations,
  },
  {
    name: 'apiserver_watch_cache_events_received_total',
    help: 'Events that the cache was told of.',
    count: (c) => c.events,
  },
  {
    name: 'apiserver_watch_cache_events_dispatched_total',
    help: 'Events that the cache told of.',
    count: (c) => c.events,
  },
];

/** What caches and the store did for lists and watches, told when somebody asks. */
export function addCacheMetrics(registry: MetricsRegistry, resources: ResourceRegistry): void {
  const counters = families.map(({ name, help, count, of, indexed = false, stability = 'ALPHA' }) => {
    const labels = ['group', 'resource', ...(indexed ? ['index'] : [])];
    // The index by labels is not one of upstream's, which bear the name of a field.
    return {
      family: registry.counter({ name, help, labels, stability }),
      count,
      of,
      rest: indexed ? [''] : [],
    };
  });
  const consistent = registry.counter({
    name: 'apiserver_watch_cache_consistent_read_total',
    help: 'Lists of the newest state that the cache was asked for.',
    labels: ['fallback', 'group', 'resource', 'success'],
  });
  const waits = registry.histogram({
    name: 'apiserver_watch_cache_read_wait_seconds',
    help: 'How long reads waited until the cache was new enough.',
    labels: ['group', 'resource'],
    buckets: [],
  });
  registry.beforeWrite(() => {
    for (const { family } of counters) family.clear();
    consistent.clear();
    const told = new Set<CacheCounts>();
    for (const served of resources.all()) {
      const { verbs } = served.fact;
      // What is only ever answered, such as a component's status, is never stored.
      if (!verbs.includes('list') || !verbs.includes('create')) continue;
      const { counts } = served.cache;
      // Versions share a cache.
      if (told.has(counts)) continue;
      told.add(counts);
      const { group, resource } = served.groupResource;
      const { consistentReads, consistentFailures, readWaits } = counts;
      if (readWaits.count > 0) waits.put(readWaits, group, resource);
      if (consistentReads > 0) consistent.with('false', group, resource, 'true').inc(consistentReads);
      if (consistentFailures > 0) consistent.with('false', group, resource, 'false').inc(consistentFailures);
      for (const { family, count, of, rest } of counters) {
        const value = count(counts);
        if (value > 0 || (of !== undefined && counts[of].lists > 0))
          family.with(group, resource, ...rest).inc(value);
      }
    }
  });
}
