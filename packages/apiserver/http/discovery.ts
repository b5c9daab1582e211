import { createHash } from 'node:crypto';
import { apiVersionOf, type ResourceFact } from '@coxswain/machinery';
import type { ResourceRegistry, ServedResource } from '../registry/resource-registry.ts';

/** Order of the groups in discovery: the priorities that upstream registers its own groups with. */
const groupOrder = [
  'apiregistration.k8s.io',
  'apps',
  'events.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'scheduling.k8s.io',
  'coordination.k8s.io',
  'node.k8s.io',
  'discovery.k8s.io',
  'resource.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'storagemigration.k8s.io',
];

interface GroupVersions {
  readonly group: string;
  /** The preferred one first. */
  readonly versions: readonly string[];
}

/** Groups in the order of discovery; the core group is not among them. */
export function discoveredGroups(resources: ResourceRegistry): readonly GroupVersions[] {
  const groups = new Map<string, string[]>();
  for (const apiVersion of resources.versions()) {
    const slash = apiVersion.indexOf('/');
    if (slash < 0) continue;
    const group = apiVersion.slice(0, slash);
    const versions = groups.get(group);
    if (versions === undefined) groups.set(group, [apiVersion.slice(slash + 1)]);
    else versions.push(apiVersion.slice(slash + 1));
  }
  const rank = (group: string): number => {
    const at = groupOrder.indexOf(group);
    return at < 0 ? groupOrder.length : at;
  };
  return [...groups]
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([group, versions]) => ({ group, versions: versions.sort(compareVersions) }));
}

/** GA before beta before alpha, higher before lower, as apimachinery's version sort. */
export function compareVersions(a: string, b: string): number {
  const rank = (version: string): readonly [number, number, number] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (match === null) return [-1, 0, 0];
    const stability = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0;
    return [stability, Number(match[1]), Number(match[3] ?? 0)];
  };
  const [x, y] = [rank(a), rank(b)];
  return y[0] - x[0] || y[1] - x[1] || y[2] - x[2];
}

/** `/apis`. */
export function apiGroupList(resources: ResourceRegistry): object {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: discoveredGroups(resources).map(groupBody),
  };
}

/** `/apis/GROUP`; undefined where there is none. */
export function apiGroup(resources: ResourceRegistry, group: string): object | undefined {
  const found = discoveredGroups(resources).find((g) => g.group === group);
  return found === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(found) };
}

function groupBody({ group, versions }: GroupVersions): object {
  const bodies = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: bodies, preferredVersion: bodies[0] };
}

/** `/api/v1`, `/apis/GROUP/VERSION`. */
export function apiResourceList(resources: ResourceRegistry, apiVersion: string): object {
  const list = resources.resourcesOf(apiVersion).flatMap(resourceBodies);
  list.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
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
    verbs: resource.custom === undefined ? sorted(fact.verbs) : fact.verbs,
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

/** apidiscovery.k8s.io/v2 of the core group or of all the others. */
export function aggregatedDiscovery(resources: ResourceRegistry, core: boolean): object {
  const groups = core ? [{ group: '', versions: ['v1'] }] : discoveredGroups(resources);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versions.map((version) => ({
        version,
        resources: resources
          .resourcesOf(apiVersionOf({ group, version }))
          .map(aggregatedResource)
          .sort((a, b) => (a.resource < b.resource ? -1 : 1)),
        freshness: 'Current',
      })),
    })),
  };
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
      verbs: custom === undefined ? sorted(fact.verbs) : fact.verbs,
      ...(fact.shortNames.length === 0 ? {} : { shortNames: fact.shortNames }),
      ...(fact.categories.length === 0 ? {} : { categories: fact.categories }),
      ...(subresources.length === 0 ? {} : { subresources }),
    },
  };
}
