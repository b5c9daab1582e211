import { groupResourceString, type MetricsRegistry } from '@coxswain/machinery';
import type { Store } from '@coxswain/store';
import { averageSize } from '../../flow-control/list-work.ts';
import type { ResourceRegistry } from '../../registry/resource-registry.ts';
import { storagePrefix } from '../../storage/keys.ts';
import { type ResourceOfKey, resourcePart } from '../../storage/layers/measured-store.ts';
import type { WatchCache } from '../../storage/watch-cache.ts';

/** There is one store; upstream's name for the first. */
const onlyCluster = 'etcd-0';

/** What is stored, told when somebody asks. */
export function addStorageMetrics(
  registry: MetricsRegistry,
  resources: ResourceRegistry,
  watchCache: WatchCache,
  engine: Store,
): void {
  const objects = registry.gauge({
    name: 'apiserver_storage_objects',
    help: 'Objects of each resource.',
    labels: ['resource'],
    stability: 'STABLE',
  });
  const byGroup = ['group', 'resource'];
  const counts = registry.gauge({
    name: 'apiserver_resource_objects',
    help: 'Objects of each resource.',
    labels: byGroup,
  });
  const sizes = registry.gauge({
    name: 'apiserver_resource_size_estimate_bytes',
    help: 'Estimated bytes of the objects of each resource.',
    labels: byGroup,
  });
  const revisions = registry.gauge({
    name: 'apiserver_watch_cache_resource_version',
    help: 'Revision up to which the cache of each resource is known to be right.',
    labels: byGroup,
  });
  addSize(registry, engine);
  registry.beforeWrite(() => {
    for (const family of [objects, counts, sizes, revisions]) family.clear();
    for (const served of resources.all()) {
      if (served.stored.fact !== served.fact && served.custom === undefined) continue;
      // What is only ever answered, such as a review or a component's status, is never stored.
      if (!served.fact.verbs.includes('list') || !served.fact.verbs.includes('create')) continue;
      const { group, resource } = served.groupResource;
      const { cache } = served;
      const count = cache.index.size;
      objects.with(groupResourceString({ group, resource })).set(count);
      counts.with(group, resource).set(count);
      sizes.with(group, resource).set(count * averageSize(cache));
      revisions.with(group, resource).set(watchCache.revision);
    }
  });
}

/** The size of an engine that has to be asked is that of the time of the last look. */
function addSize(registry: MetricsRegistry, engine: Store): void {
  if (engine.sizeOnDisk === undefined) return;
  const size = registry.gauge({
    name: 'apiserver_storage_size_bytes',
    help: 'Bytes of the file that holds the store.',
    labels: ['storage_cluster_id'],
    stability: 'STABLE',
  });
  const look = (): void => {
    const bytes = engine.sizeOnDisk?.() ?? 0;
    if (typeof bytes === 'number') size.with(onlyCluster).set(bytes);
    else {
      bytes.then(
        (known) => size.with(onlyCluster).set(known),
        () => size.clear(),
      );
    }
  };
  look();
  registry.beforeWrite(look);
}

/** Finds the resource of stored keys among those that are served. */
export function resourceOfKeys(resources: () => ResourceRegistry): ResourceOfKey {
  return (key) => {
    for (const { groupResource, custom } of resources().all()) {
      // Not the cache's: asking for a cache before the store is read would leave it empty.
      if (key.startsWith(storagePrefix(groupResource, custom !== undefined))) {
        return [groupResource.group, groupResource.resource];
      }
    }
    return ['', resourcePart(key)];
  };
}
