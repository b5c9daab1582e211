import { allResources } from '@coxswain/api';
import { type KubeObject, parseApiVersion } from '@coxswain/machinery';

/** What names an object: its kind, its name and where it is. */
export interface ResourceId {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** What a generator's object does with one of the same name that is there already. */
export type Behavior = 'create' | 'merge' | 'replace';

/** An object on its way through kustomizations, with the names that it had. */
export class Resource {
  /** Owned by this resource: transformers change it in place. */
  object: KubeObject;
  /** Names that it had, the first one first. */
  readonly previous: ResourceId[] = [];
  /** Prefixes and suffixes that it was given, '' where a kustomization has none. */
  readonly prefixes: string[] = [];
  readonly suffixes: string[] = [];
  /** Its name is to end in a hash of its content. */
  hashed = false;

  constructor(object: KubeObject) {
    this.object = object;
  }

  get id(): ResourceId {
    const { group, version } = parseApiVersion(this.object.apiVersion);
    const { name = '', namespace = '' } = this.object.metadata;
    return { group, version, kind: this.object.kind, name, namespace };
  }

  get originalId(): ResourceId {
    return this.previous[0] ?? this.id;
  }

  /** Every name that it has or had. */
  get ids(): readonly ResourceId[] {
    return [...this.previous, this.id];
  }

  /** Keeps the name that it has now among those that it had; to be called before it changes. */
  rememberId(): void {
    this.previous.push(this.id);
  }
}

/** Kinds without a namespace; kinds that nobody knows have one. */
const clusterScoped = new Set(
  allResources()
    .filter((each) => !each.namespaced)
    .map((each) => `${each.group}/${each.kind}`),
);

export function isClusterScoped({ group, kind }: Pick<ResourceId, 'group' | 'kind'>): boolean {
  return clusterScoped.has(`${group}/${kind}`);
}

/** Whether both name the same object; no namespace is the namespace `default`. */
export function sameId(a: ResourceId, b: ResourceId): boolean {
  return (
    a.group === b.group &&
    a.version === b.version &&
    a.kind === b.kind &&
    a.name === b.name &&
    sameNamespace(a, b)
  );
}

export function sameNamespace(a: ResourceId, b: ResourceId): boolean {
  const place = (id: ResourceId): string => (isClusterScoped(id) ? '' : id.namespace || 'default');
  return place(a) === place(b);
}

/** An id as kustomize writes it in errors. */
export function idText({ group, version, kind, name, namespace }: ResourceId): string {
  const place = namespace === '' ? '[noNs]' : namespace;
  return `${kind}.${version === '' ? '[noVer]' : version}.${group === '' ? '[noGrp]' : group}/${name}.${place}`;
}
