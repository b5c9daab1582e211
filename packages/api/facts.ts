import type {
  GroupResource,
  GroupVersionKind,
  ResourceFact,
  SubresourceFact,
  TypeFact,
} from '@coxswain/machinery';
import { apiVersionOf, parseApiVersion } from '@coxswain/machinery';
import { kinds as kindTable, resources as resourceTable } from './generated/resources-table.mjs';
import { findType, mustFindType } from './type-facts.ts';

interface ResourceRow {
  readonly resource: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly hash?: string;
  readonly stored?: string;
  readonly deleted?: true;
  readonly subresources?: readonly (readonly [name: string, gvk: string, verbs: readonly string[]])[];
}

interface Index {
  readonly all: readonly ResourceFact[];
  readonly byResource: ReadonlyMap<string, ResourceFact>;
  readonly byKind: ReadonlyMap<string, ResourceFact>;
  readonly stored: ReadonlyMap<string, string>;
}

let index: Index | undefined;
let definitions: ReadonlyMap<string, string> | undefined;

function load(): Index {
  if (index !== undefined) return index;
  const table = JSON.parse(`[${resourceTable}]`) as [gv: string, rows: ResourceRow[]][];
  const all: ResourceFact[] = [];
  const byResource = new Map<string, ResourceFact>();
  const byKind = new Map<string, ResourceFact>();
  const stored = new Map<string, string>();
  for (const [gv, rows] of table) {
    const { group } = parseApiVersion(gv);
    for (const row of rows) {
      const fact = factOf(gv, row);
      all.push(fact);
      byResource.set(`${gv}/${row.resource}`, fact);
      byKind.set(`${gv}/${row.kind}`, byKind.get(`${gv}/${row.kind}`) ?? fact);
      const gr = `${group}/${row.resource}`;
      if (!stored.has(gr)) stored.set(gr, row.stored ?? gv);
    }
  }
  index = { all, byResource, byKind, stored };
  return index;
}

function factOf(gv: string, row: ResourceRow): ResourceFact {
  const { group, version } = parseApiVersion(gv);
  const subresources = new Map<string, SubresourceFact>();
  for (const [name, gvk, verbs] of row.subresources ?? []) {
    const slash = gvk.lastIndexOf('/');
    const kind = { ...parseApiVersion(gvk.slice(0, slash)), kind: gvk.slice(slash + 1) };
    subresources.set(name, { name, verbs, kind });
  }
  return {
    group,
    version,
    resource: row.resource,
    singular: row.singular,
    kind: row.kind,
    namespaced: row.namespaced,
    verbs: row.verbs,
    shortNames: row.shortNames ?? [],
    categories: row.categories ?? [],
    subresources,
    storageVersionHash: row.hash ?? '',
    returnsDeleted: row.deleted === true,
    get type(): TypeFact {
      const type = typeOfKind({ group, version, kind: row.kind });
      if (type === undefined) throw new Error(`find the type of resource "${gv}/${row.resource}"`);
      return type;
    },
  };
}

/** Every served resource, in the order of discovery: the core group first, then by group priority. */
export function allResources(): readonly ResourceFact[] {
  return load().all;
}

/** The resource of that plural name; undefined when it is not served in that version. */
export function findResource(group: string, version: string, plural: string): ResourceFact | undefined {
  return load().byResource.get(`${apiVersionOf({ group, version })}/${plural}`);
}

/** The resource whose objects are of that kind. */
export function findKind(gvk: GroupVersionKind): ResourceFact | undefined {
  return load().byKind.get(`${apiVersionOf(gvk)}/${gvk.kind}`);
}

/** The type of a kind; also of kinds that are no resource, such as `DeleteOptions` or `Scale`. */
export function typeOfKind(gvk: GroupVersionKind): TypeFact | undefined {
  definitions ??= new Map(kindTable.split(' ').map((k) => k.split('=') as [string, string]));
  const definition = definitions.get(`${apiVersionOf(gvk)}/${gvk.kind}`);
  return definition === undefined ? undefined : mustFindType(definition);
}

let kindsByDefinition: ReadonlyMap<string, readonly GroupVersionKind[]> | undefined;

/** The kinds that a definition is published as; `DeleteOptions` is one in every group. */
export function kindsOfDefinition(definition: string): readonly GroupVersionKind[] {
  if (kindsByDefinition === undefined) {
    const table = new Map<string, GroupVersionKind[]>();
    for (const entry of kindTable.split(' ')) {
      const [gvk, name] = entry.split('=') as [string, string];
      const slash = gvk.lastIndexOf('/');
      const kind = { ...parseApiVersion(gvk.slice(0, slash)), kind: gvk.slice(slash + 1) };
      table.set(name, [...(table.get(name) ?? []), kind]);
    }
    kindsByDefinition = table;
  }
  return kindsByDefinition.get(definition) ?? [];
}

/** The version that objects of a resource are stored in; undefined for resources that are not stored. */
export function storageVersionOf(gr: GroupResource): { group: string; version: string } | undefined {
  const gv = load().stored.get(`${gr.group}/${gr.resource}`);
  return gv === undefined ? undefined : parseApiVersion(gv);
}

export { findType };
