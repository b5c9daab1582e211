import { createHash } from 'node:crypto';
import { apiVersionOf, processMetrics, type ResourceFact } from '@coxswain/machinery';
import { inDiscoveryOrder, type PlacedGroup, type PlacedVersion } from '../../aggregator/priorities.ts';
import type { VersionDiscovery } from '../../aggregator/remote-discovery.ts';
import type { ResourceRegistry, ServedResource } from '../../registry/resource-registry.ts';

const aggregations = processMetrics
  .counter({
    name: 'aggregator_discovery_aggregation_count_total',
    help: 'Times that the discovery of all groups was put together.',
  })
  .with();

/** Who serves what besides the registry, and in which order it is told of. */
export interface DiscoverySource {
  /** Changes whenever the others may give something else, but for what the registry tells. */
  readonly generation: number;
  /** Every version of every group but the core's. */
  placed(): readonly PlacedVersion[];
  /** What another server serves of a version; undefined where it is this one. */
  remoteVersion(group: string, version: string): VersionDiscovery | undefined;
}

/** The documents of discovery, made anew when something has changed. They are shared: never change them. */
export class Discovery {
  readonly #resources: ResourceRegistry;
  readonly #source: DiscoverySource;
  readonly #made = new Map<string, object | undefined>();
  #resourceChanges = -1;
  #generation = -1;

  constructor(resources: ResourceRegistry, source: DiscoverySource) {
    this.#resources = resources;
    this.#source = source;
  }

  /** Groups in order; the core group is not among them. */
  groups(): readonly PlacedGroup[] {
    return this.#once('groups', () => inDiscoveryOrder(this.#source.placed())) as readonly PlacedGroup[];
  }

  /** `/apis`. */
  groupList(): object {
    return this.#once('/apis', () => ({
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: this.groups().map(groupBody),
    })) as object;
  }

  /** `/apis/GROUP`; undefined where there is none. */
  group(group: string): object | undefined {
    const found = this.groups().find((one) => one.group === group);
    return found === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(found) };
  }

  /** `/api/v1`, `/apis/GROUP/VERSION`; undefined where this server does not serve it. */
  resourceList(apiVersion: string): object | undefined {
    if (!this.#resources.hasVersion(apiVersion)) return undefined;
    return this.#once(apiVersion, () => apiResourceList(this.#resources, apiVersion));
  }

  /** apidiscovery.k8s.io/v2 of the core group or of all the others. */
  aggregated(core: boolean): object {
    return this.#once(core ? 'core' : 'others', () => {
      const groups = core ? [{ group: '', versions: ['v1'] }] : this.groups();
      aggregations.inc();
      return aggregatedList(this.#resources, this.#source, groups);
    }) as object;
  }

  #once(name: string, make: () => object | undefined): object | undefined {
    const { changes } = this.#resources;
    const { generation } = this.#source;
    if (changes !== this.#resourceChanges || generation !== this.#generation) {
      this.#made.clear();
      this.#resourceChanges = changes;
      this.#generation = generation;
    }
    let made = this.#made.get(name);
    if (made === undefined) {
      made = make();
      this.#made.set(name, made);
    }
    return made;
  }
}

function groupBody({ group, versions }: PlacedGroup): object {
  const bodies = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: bodies, preferredVersion: bodies[0] };
}

function apiResourceList(resources: ResourceRegistry, apiVersion: string): object {
  const served = resources
    .resourcesOf(apiVersion)
    .toSorted((a, b) => byText(a.fact.resource, b.fact.resource));
  const list = served.flatMap(resourceBodies);
  // Subresources of custom resources stay as they are: status before scale.
  if (!served.some(({ custom }) => custom !== undefined)) list.sort((a, b) => byText(a.name, b.name));
  return {
    kind: 'APIResourceList',
    ...(apiVersion === 'v1' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersion,
    resources: list,
  };
}

function resourceBodies(resource: ServedResource): { name: string }[] {
  const { fact, stored } = resource;
  const { namespaced } = fact;
  const main = {
    name: fact.resource,
    singularName: fact.singular,
    namespaced,
    kind: fact.kind,
    verbs: resource.custom?.shownVerbs ?? sorted(fact.verbs),
    ...(fact.shortNames.length === 0 ? {} : { shortNames: fact.shortNames }),
    ...(fact.categories.length === 0 ? {} : { categories: fact.categories }),
    ...(fact.verbs.includes('list') && fact.verbs.includes('create')
      ? { storageVersionHash: storageVersionHash(stored.fact) }
      : {}),
  };
  const subs = [...fact.subresources.values()].map((sub) => ({
    name: `${fact.resource}/${sub.name}`,
    singularName: '',
    namespaced,
    ...(apiVersionOf(sub.kind) === resource.apiVersion
      ? {}
      : { group: sub.kind.group, version: sub.kind.version }),
    kind: sub.kind.kind,
    verbs: sorted(sub.verbs),
  }));
  return [main, ...subs];
}

const sorted = (verbs: readonly string[]): string[] => [...verbs].sort();

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Kinds that upstream still stores in an older version, for a server of the release before to read. */
const storedVersions: Readonly<Record<string, string>> = {
  CustomResourceDefinition: 'v1beta1',
  MutatingAdmissionPolicy: 'v1beta1',
  MutatingAdmissionPolicyBinding: 'v1beta1',
};

/** Upstream's hash of the stored group, version and kind. */
export function storageVersionHash(fact: ResourceFact): string {
  const text = `${fact.group}/${storedVersions[fact.kind] ?? fact.version}/${fact.kind}`;
  return createHash('sha256').update(text).digest().subarray(0, 8).toString('base64');
}

function aggregatedList(
  resources: ResourceRegistry,
  source: DiscoverySource,
  groups: readonly PlacedGroup[],
): object {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versions.map(
        (version) =>
          source.remoteVersion(group, version) ??
          ownVersion(version, resources.resourcesOf(apiVersionOf({ group, version }))),
      ),
    })),
  };
}

/** What this server serves of a version; nothing, where only an APIService tells of it. */
function ownVersion(version: string, served: readonly ServedResource[]): VersionDiscovery {
  const resources = served.map(aggregatedResource).sort((a, b) => (a.resource < b.resource ? -1 : 1));
  return { version, ...(resources.length === 0 ? {} : { resources }), freshness: 'Current' };
}

/** Upstream leaves group and version out where the kind is of the list's own. */
function responseKind(
  kind: { readonly group: string; readonly version: string; readonly kind: string },
  fact: ResourceFact,
): object {
  const own = kind.group === fact.group && kind.version === fact.version;
  return own
    ? { group: '', version: '', kind: kind.kind }
    : { group: kind.group, version: kind.version, kind: kind.kind };
}

function aggregatedResource({ fact, custom }: ServedResource): { resource: string } {
  const subresources = [...fact.subresources.values()].map((sub) => ({
    subresource: sub.name,
    responseKind: responseKind(sub.kind, fact),
    verbs: sorted(sub.verbs),
  }));
  return {
    resource: fact.resource,
    ...{
      responseKind: { group: '', version: '', kind: fact.kind },
      scope: fact.namespaced ? 'Namespaced' : 'Cluster',
      singularResource: fact.singular,
      verbs: custom?.shownVerbs ?? sorted(fact.verbs),
      ...(fact.shortNames.length === 0 ? {} : { shortNames: fact.shortNames }),
      ...(fact.categories.length === 0 ? {} : { categories: fact.categories }),
      ...(subresources.length === 0 ? {} : { subresources }),
    },
  };
}
