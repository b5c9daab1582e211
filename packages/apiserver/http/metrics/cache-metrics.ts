import type { MetricsRegistry } from '@coxswain/machinery';
import type { ResourceRegistry } from '../../registry/resource-registry.ts';
import type { CacheCounts } from '../../storage/cache-counts.ts';

type Count = (counts: CacheCounts) => number;

/** Counters of a resource: what they count, and what of it upstream tells by index as well. */
const families: readonly (readonly [name: string, help: string, count: Count, indexed?: boolean])[] = [
  ['apiserver_cache_list_total', 'Lists answered from the cache.', (c) => c.fromCache.lists, true],
  [
    'apiserver_cache_list_fetched_objects_total',
    'Objects of the cache that lists looked at.',
    (c) => c.fromCache.fetched,
    true,
  ],
  [
    'apiserver_cache_list_returned_objects_total',
    'Objects of the cache that lists gave.',
    (c) => c.fromCache.returned,
  ],
  ['apiserver_storage_list_total', 'Lists answered from the store.', (c) => c.fromStore.lists],
  [
    'apiserver_storage_list_fetched_objects_total',
    'Objects of the store that lists read.',
    (c) => c.fromStore.fetched,
  ],
  [
    'apiserver_storage_list_evaluated_objects_total',
    'Objects of the store that lists compared with their selector.',
    (c) => c.fromStore.fetched,
  ],
  [
    'apiserver_storage_list_returned_objects_total',
    'Objects of the store that lists gave.',
    (c) => c.fromStore.returned,
  ],
  ['apiserver_init_events_total', 'Objects that the cache began with.', (c) => c.initial],
  ['apiserver_watch_cache_events_received_total', 'Events that the cache was told of.', (c) => c.events],
  ['apiserver_watch_cache_events_dispatched_total', 'Events that the cache told of.', (c) => c.events],
];

/** What caches and the store did for lists and watches, told when somebody asks. */
export function addCacheMetrics(registry: MetricsRegistry, resources: ResourceRegistry): void {
  const counters = families.map(([name, help, count, indexed = false]) => {
    const labels = ['group', 'resource', ...(indexed ? ['index'] : [])];
    // The index by labels is not one of upstream's, which bear the name of a field.
    return { family: registry.counter({ name, help, labels }), count, rest: indexed ? [''] : [] };
  });
  registry.beforeWrite(() => {
    for (const { family } of counters) family.clear();
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
      for (const { family, count, rest } of counters) {
        const value = count(counts);
        if (value > 0) family.with(group, resource, ...rest).inc(value);
      }
    }
  });
}
