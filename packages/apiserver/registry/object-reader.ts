import {
  apiVersionOf,
  type GroupResource,
  type GroupVersionKind,
  type KubeObject,
  type ResourceFact,
} from '@coxswain/machinery';
import type { ObjectReader } from '../access/contract.ts';
import { objectKey } from '../storage/keys.ts';
import type { CacheEvent, ResourceCache } from '../storage/resource-cache.ts';
import type { ResourceRegistry } from './resource-registry.ts';

/** Reads for access decisions, straight from the watch cache. */
export class CacheReader implements ObjectReader {
  readonly #resources: ResourceRegistry;
  readonly #known = new Map<string, ResourceCache>();

  constructor(resources: ResourceRegistry) {
    this.#resources = resources;
  }

  get(resource: GroupResource, namespace: string, name: string): KubeObject | undefined {
    const cache = this.#cache(resource);
    return cache?.index.get(objectKey(cache.prefix, namespace, name))?.object;
  }

  resourceOfKind(kind: GroupVersionKind): ResourceFact | undefined {
    const served = this.#resources.resourcesOf(apiVersionOf(kind));
    return served.find(({ fact }) => fact.kind === kind.kind)?.fact;
  }

  list(resource: GroupResource, namespace: string): readonly KubeObject[] {
    const cache = this.#cache(resource);
    if (cache === undefined) return [];
    const prefix = namespace === '' ? cache.prefix : `${cache.prefix}${namespace}/`;
    return cache.index.values(prefix).map((entry) => entry.object);
  }

  onChange(
    resource: GroupResource,
    fn: (before: KubeObject | undefined, after: KubeObject | undefined) => void,
  ): () => void {
    const cache = this.#cache(resource);
    if (cache === undefined) return () => {};
    return cache.subscribe({ namespace: '' }, (event: CacheEvent) =>
      fn(event.previous?.object, event.type === 'put' ? event.entry.object : undefined),
    );
  }

  #cache(resource: GroupResource): ResourceCache | undefined {
    const key = `${resource.group}/${resource.resource}`;
    let cache = this.#known.get(key);
    if (cache === undefined) {
      cache = this.#resources.findStored(resource)?.cache;
      if (cache !== undefined) this.#known.set(key, cache);
    }
    return cache;
  }
}
