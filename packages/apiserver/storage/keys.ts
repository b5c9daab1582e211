import type { GroupResource } from '@coxswain/machinery';

/** Where upstream keeps resources whose key is not their plural name. */
const special: Readonly<Record<string, string>> = {
  replicationcontrollers: 'controllers',
  endpoints: 'services/endpoints',
  services: 'services/specs',
  nodes: 'minions',
  'ingresses.networking.k8s.io': 'ingress',
  'events.events.k8s.io': 'events',
};

/** Groups whose keys carry the group, as upstream's separate servers and later resources do. */
const grouped: ReadonlySet<string> = new Set(['apiextensions.k8s.io', 'apiregistration.k8s.io']);

/** `/registry/pods/`: the keys of a resource begin with it. `custom` is for resources that are not built in. */
export function storagePrefix(resource: GroupResource, custom = false): string {
  const name = resource.group === '' ? resource.resource : `${resource.resource}.${resource.group}`;
  const known = special[name];
  if (known !== undefined) return `/registry/${known}/`;
  return custom || grouped.has(resource.group)
    ? `/registry/${resource.group}/${resource.resource}/`
    : `/registry/${resource.resource}/`;
}

/** The key of one object; `namespace` is '' for cluster-scoped ones. */
export function objectKey(prefix: string, namespace: string, name: string): string {
  return namespace === '' ? prefix + name : `${prefix}${namespace}/${name}`;
}
