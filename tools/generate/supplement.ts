import type { Schema } from './released-facts.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const struct = (name: string): Schema => ({ allOf: [ref(name)], default: {} });
const string: Schema = { type: 'string' };
const boolean: Schema = { type: 'boolean' };
const int64: Schema = { type: 'integer', format: 'int64' };
const strings: Schema = { type: 'array', items: string };
const typeMeta = { kind: string, apiVersion: string };
const kindsOf = (...kinds: string[]): object[] => kinds.map((kind) => ({ group: '', version: 'v1', kind }));

function kind(name: string, properties: Readonly<Record<string, Schema>>): [string, Schema] {
  const own = name.slice(name.lastIndexOf('.') + 1);
  const gvk = own.startsWith('PartialObjectMetadata')
    ? [{ group: 'meta.k8s.io', version: 'v1', kind: own }]
    : kindsOf(own);
  return [
    name,
    { type: 'object', properties: { ...typeMeta, ...properties }, 'x-kubernetes-group-version-kind': gvk },
  ];
}

/** Kinds that go over the wire and that no published document has a schema for. */
export const supplement: ReadonlyMap<string, Schema> = new Map([
  kind(`${meta}.PartialObjectMetadata`, { metadata: struct(`${meta}.ObjectMeta`) }),
  kind(`${meta}.PartialObjectMetadataList`, {
    metadata: struct(`${meta}.ListMeta`),
    items: { type: 'array', items: ref(`${meta}.PartialObjectMetadata`) },
  }),
  kind(`${meta}.List`, {
    metadata: struct(`${meta}.ListMeta`),
    items: { type: 'array', items: ref('io.k8s.apimachinery.pkg.runtime.RawExtension') },
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
]);
