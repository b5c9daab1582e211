import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A schema of OpenAPI v3 as a Kubernetes release publishes it. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly [extension: `x-kubernetes-${string}`]: any;
}

export interface DiscoveredResource {
  readonly name: string;
  readonly singularName: string;
  readonly namespaced: boolean;
  readonly group?: string;
  readonly version?: string;
  readonly kind: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly storageVersionHash?: string;
}

/** Fields of a protobuf message by name, as protobufjs writes descriptors. */
export type MessageFields = Readonly<Record<string, { readonly id: number; readonly type: string }>>;

/** All that the generator reads of one release. */
export interface ReleasedFacts {
  readonly schemas: ReadonlyMap<string, Schema>;
  /** `apps/v1` or `v1`, in the order the server lists groups and versions. */
  readonly groupVersions: readonly string[];
  readonly resources: ReadonlyMap<string, readonly DiscoveredResource[]>;
  messageOf(definition: string): { readonly name: string; readonly fields: MessageFields } | undefined;
  /** OpenAPI v3 documents by path, such as `apis/apps/v1`. */
  readonly documents: ReadonlyMap<string, any>;
  /** A line a feature gate: name, stage (nothing: stable), 1 when it is on by default. */
  readonly featureGates: readonly string[];
}

const readJson = (path: string): any => JSON.parse(readFileSync(path, 'utf8'));

/** Reads a folder of published facts: `discovery/`, `openapi-v3/`, `protobuf/` and the feature gates. */
export function readReleasedFacts(folder: string): ReleasedFacts {
  const documents = new Map<string, any>();
  const schemas = new Map<string, Schema>();
  for (const file of readdirSync(join(folder, 'openapi-v3')).sort()) {
    const document = readJson(join(folder, 'openapi-v3', file));
    documents.set(file.replace(/_openapi\.json$/, '').replaceAll('__', '/'), document);
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
      schemas.set(name, mergeKinds(schemas.get(name), schema as Schema));
    }
  }
  const groupVersions = ['v1'];
  for (const group of readJson(join(folder, 'discovery', 'apis.json')).groups) {
    for (const version of group.versions) groupVersions.push(version.groupVersion);
  }
  const resources = new Map<string, readonly DiscoveredResource[]>();
  for (const gv of groupVersions) {
    const file = gv === 'v1' ? 'api__v1.json' : `apis__${gv.replace('/', '__')}.json`;
    resources.set(gv, readJson(join(folder, 'discovery', file)).resources);
  }
  const root = readJson(join(folder, 'protobuf', 'kubernetes-api.json'));
  const gates = readFileSync(join(folder, 'feature-gates-apiserver.txt'), 'utf8').trim();
  return {
    schemas,
    groupVersions,
    resources,
    documents,
    featureGates: gates.split('\n'),
    messageOf: (d) => findMessage(root, d),
  };
}

/** Shared schemas name other kinds in each document; the union is the fact. */
function mergeKinds(before: Schema | undefined, schema: Schema): Schema {
  const key = 'x-kubernetes-group-version-kind';
  const kinds = new Map<string, unknown>();
  for (const kind of [...(before?.[key] ?? []), ...(schema[key] ?? [])])
    kinds.set(JSON.stringify(kind), kind);
  return kinds.size === 0 ? schema : { ...schema, [key]: [...kinds.values()] };
}

function findMessage(root: any, definition: string): { name: string; fields: MessageFields } | undefined {
  const name = messageNameOf(definition);
  let node = root;
  for (const part of name.split('.')) node = node?.nested?.[part];
  return node?.fields === undefined ? undefined : { name, fields: node.fields };
}

/** `io.k8s.api.core.v1.Pod` is the message `k8s.io.api.core.v1.Pod`. */
export function messageNameOf(definition: string): string {
  return definition.replace(/^io\.k8s\./, 'k8s.io.').replaceAll('-', '_');
}

/** The definition a schema refers to, bare or wrapped in `allOf`. */
export function refOf(schema: Schema): string | undefined {
  const ref = schema.$ref ?? schema.allOf?.[0]?.$ref;
  return ref?.slice('#/components/schemas/'.length);
}
