import { allResources, type CustomOpenApi, storageVersionOf } from '@coxswain/api';
import { apiVersionOf, type GroupResource, type ResourceFact } from '@coxswain/machinery';
import type { EquivalentResource } from '../access/contract.ts';
import type { ResourceCache } from '../storage/resource-cache.ts';
import type { CachedResource, WatchCache } from '../storage/watch-cache.ts';
import type { CustomBehaviour } from './body/custom.ts';
import { triggerOf } from './field-labels.ts';
import type { Lifetime } from './lifetime.ts';
import { showAs } from './versions.ts';

/** Where a resource is kept, whatever version it is served in. */
export interface StoredResource extends CachedResource {
  /** The facts of the version that is stored. */
  readonly fact: ResourceFact;
  readonly apiVersion: string;
}

/** A resource of one group and version that requests can name. */
export class ServedResource {
  readonly fact: ResourceFact;
  readonly apiVersion: string;
  /** Group and plural, for messages. */
  readonly groupResource: GroupResource;
  readonly stored: StoredResource;
  /** Absent for built-in resources. */
  readonly custom: CustomBehaviour | undefined;
  /** At its end, watches end; absent where that is the server's own. */
  readonly lifetime: Lifetime | undefined;
  readonly #watchCache: WatchCache;
  readonly #siblings: (own: ServedResource) => readonly ServedResource[];
  #cache: ResourceCache | undefined;

  constructor(
    fact: ResourceFact,
    stored: StoredResource,
    watchCache: WatchCache,
    custom?: CustomBehaviour | undefined,
    lifetime?: Lifetime | undefined,
    siblings: (own: ServedResource) => readonly ServedResource[] = () => [],
  ) {
    this.#siblings = siblings;
    this.fact = fact;
    this.custom = custom;
    this.lifetime = lifetime;
    this.apiVersion = apiVersionOf(fact);
    this.groupResource = { group: fact.group, resource: fact.resource };
    this.stored = stored;
    this.#watchCache = watchCache;
  }

  /** Served in the version that is stored: bytes go out as they are. */
  get direct(): boolean {
    // What custom resources were stored with may be of an older schema.
    return this.custom === undefined && this.stored.fact === this.fact;
  }

  /** The other resources that serve the same objects, or the same subresource of them, in the order they were added. */
  equivalents(subresource: string): readonly EquivalentResource[] {
    const siblings = this.#siblings(this);
    const others =
      subresource === '' ? siblings : siblings.filter(({ fact }) => fact.subresources.has(subresource));
    return others.map((other) => ({
      kind: other.fact,
      resource: other.fact,
      type: other.fact.type,
      show: (object) => showAs(this, other, object),
      read: (object) => showAs(other, this, object),
    }));
  }

  get cache(): ResourceCache {
    this.#cache ??= this.#watchCache.resource(this.stored);
    return this.#cache;
  }
}

/** The resources this server serves. It may grow and shrink while it runs. */
export class ResourceRegistry {
  readonly #byVersion = new Map<string, Map<string, ServedResource>>();
  readonly #watchCache: WatchCache;
  #published: readonly CustomOpenApi[] | undefined;
  #changes = 0;

  constructor(watchCache: WatchCache) {
    this.#watchCache = watchCache;
  }

  /** All built-in resources. */
  static builtIn(
    watchCache: WatchCache,
    served: (fact: ResourceFact) => boolean = () => true,
  ): ResourceRegistry {
    const registry = new ResourceRegistry(watchCache);
    const facts = allResources().filter(served);
    for (const fact of facts) {
      const version = storageVersionOf({ group: fact.group, resource: fact.resource });
      const storedFact =
        facts.find(
          (f) => f.group === version?.group && f.version === version.version && f.resource === fact.resource,
        ) ?? fact;
      registry.add(fact, storedFact);
    }
    return registry;
  }

  /** Counts additions and removals. */
  get changes(): number {
    return this.#changes;
  }

  /** What OpenAPI publishes of custom resources; undefined where there are none. */
  published(): readonly CustomOpenApi[] | undefined {
    if (this.#published === undefined) {
      const all: CustomOpenApi[] = [];
      for (const { custom, fact } of this.all()) {
        if (custom !== undefined) all.push({ resource: fact, ...custom.published });
      }
      this.#published = all;
    }
    return this.#published.length === 0 ? undefined : this.#published;
  }

  add(
    fact: ResourceFact,
    storedFact: ResourceFact = fact,
    custom?: CustomBehaviour,
    lifetime?: Lifetime,
  ): void {
    this.#changes++;
    this.#published = undefined;
    const version = apiVersionOf(fact);
    let resources = this.#byVersion.get(version);
    if (resources === undefined) {
      resources = new Map();
      this.#byVersion.set(version, resources);
    }
    const trigger = triggerOf(storedFact);
    const stored: StoredResource = {
      group: storedFact.group,
      resource: storedFact.resource,
      namespaced: storedFact.namespaced,
      fact: storedFact,
      apiVersion: apiVersionOf(storedFact),
      ...(custom === undefined ? {} : { custom: true }),
      ...(trigger === undefined ? {} : { trigger }),
    };
    resources.set(
      fact.resource,
      new ServedResource(fact, stored, this.#watchCache, custom, lifetime, this.#siblingsOf),
    );
  }

  remove(fact: ResourceFact): void {
    this.#changes++;
    this.#published = undefined;
    const version = apiVersionOf(fact);
    const resources = this.#byVersion.get(version);
    resources?.delete(fact.resource);
    if (resources?.size === 0) this.#byVersion.delete(version);
  }

  /** `apiVersion` as in `apps/v1`. */
  find(apiVersion: string, resource: string): ServedResource | undefined {
    return this.#byVersion.get(apiVersion)?.get(resource);
  }

  /** The version of a resource that is stored, or any. */
  findStored(gr: GroupResource): ServedResource | undefined {
    let found: ServedResource | undefined;
    for (const resources of this.#byVersion.values()) {
      const resource = resources.get(gr.resource);
      if (resource === undefined || resource.fact.group !== gr.group) continue;
      if (resource.stored.fact === resource.fact) return resource;
      found ??= resource;
    }
    return found;
  }

  hasVersion(apiVersion: string): boolean {
    return this.#byVersion.has(apiVersion);
  }

  /** Group versions in the order they were added. */
  versions(): readonly string[] {
    return [...this.#byVersion.keys()];
  }

  /** Resources of a group version. */
  resourcesOf(apiVersion: string): readonly ServedResource[] {
    return [...(this.#byVersion.get(apiVersion)?.values() ?? [])];
  }

  readonly #siblingsOf = (own: ServedResource): readonly ServedResource[] => {
    const { group, resource } = own.stored;
    const found: ServedResource[] = [];
    for (const other of this.all()) {
      const same = other.stored.resource === resource && other.stored.group === group;
      if (same && other.fact !== own.fact) found.push(other);
    }
    return found;
  };

  *all(): Generator<ServedResource> {
    for (const resources of this.#byVersion.values()) yield* resources.values();
  }
}
