import type { Schema } from './released-facts.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const struct = (name: string): Schema => ({ allOf: [ref(name)], default: {} });
const string: Schema = { type: 'string' };
const boolean: Schema = { type: 'boolean' };
const int64: Schema = { type: 'integer', format: 'int64' };
const strings: Schema = { type: 'array', items: string };
const typeMeta = { kind: string, apiVersion: string };
const listOf = (name: string): Schema => ({ type: 'array', items: ref(name) });

const discovery = 'io.k8s.api.apidiscovery.v2';

function part(name: string, properties: Readonly<Record<string, Schema>>): [string, Schema] {
  return [name, { type: 'object', properties }];
}

function kind(
  name: string,
  properties: Readonly<Record<string, Schema>>,
  group = '',
  version = 'v1',
): [string, Schema] {
  const own = name.slice(name.lastIndexOf('.') + 1);
  const gvk = [{ group, version, kind: own }];
  return [
    name,
    { type: 'object', properties: { ...typeMeta, ...properties }, 'x-kubernetes-group-version-kind': gvk },
  ];
}

/** Kinds that go over the wire and that no published document has a schema for. */
export const supplement: ReadonlyMap<string, Schema> = new Map([
  kind(`${meta}.PartialObjectMetadata`, { metadata: struct(`${meta}.ObjectMeta`) }, 'meta.k8s.io'),
  kind(
    `${meta}.PartialObjectMetadataList`,
    { metadata: struct(`${meta}.ListMeta`), items: listOf(`${meta}.PartialObjectMetadata`) },
    'meta.k8s.io',
  ),
  kind(`${meta}.List`, {
    metadata: struct(`${meta}.ListMeta`),
    items: listOf('io.k8s.apimachinery.pkg.runtime.RawExtension'),
  }),
  kind(`${meta}.CreateOptions`, { dryRun: strings, fieldManager: string, fieldValidation: string }),
  kind(`${meta}.UpdateOptions`, { dryRun: strings, fieldManager: string, fieldValidation: string }),
  kind(`${meta}.PatchOptions`, {
    dryRun: strings,
    force: boolean,
    fieldManager: string,
    fieldValidation: string,
  }),
  kind(`${meta}.GetOptions`, { resourceVersion: string }),
  kind(`${meta}.ListOptions`, {
    labelSelector: string,
    fieldSelector: string,
    watch: boolean,
    allowWatchBookmarks: boolean,
    resourceVersion: string,
    resourceVersionMatch: string,
    timeoutSeconds: int64,
    limit: int64,
    continue: string,
    sendInitialEvents: boolean,
    shardSelector: string,
  }),
  kind(
    `${discovery}.APIGroupDiscoveryList`,
    { metadata: struct(`${meta}.ListMeta`), items: listOf(`${discovery}.APIGroupDiscovery`) },
    'apidiscovery.k8s.io',
    'v2',
  ),
  kind(
    `${discovery}.APIGroupDiscovery`,
    { metadata: struct(`${meta}.ObjectMeta`), versions: listOf(`${discovery}.APIVersionDiscovery`) },
    'apidiscovery.k8s.io',
    'v2',
  ),
  part(`${discovery}.APIVersionDiscovery`, {
    version: string,
    resources: listOf(`${discovery}.APIResourceDiscovery`),
    freshness: string,
  }),
  part(`${discovery}.APIResourceDiscovery`, {
    resource: string,
    responseKind: { allOf: [ref(`${meta}.GroupVersionKind`)] },
    scope: string,
    singularResource: string,
    verbs: strings,
    shortNames: strings,
    categories: strings,
    subresources: listOf(`${discovery}.APISubresourceDiscovery`),
  }),
  part(`${discovery}.APISubresourceDiscovery`, {
    subresource: string,
    responseKind: { allOf: [ref(`${meta}.GroupVersionKind`)] },
    acceptedTypes: listOf(`${meta}.GroupVersionKind`),
    verbs: strings,
  }),
  part(`${meta}.GroupVersionKind`, { group: string, version: string, kind: string }),
]);
