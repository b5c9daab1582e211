import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { encodeStored } from './encode.ts';
import { fromStoredMedia, toStoredMedia } from './layers/media.ts';
import { definitionFromStored, definitionToStored } from './stored-definition.ts';

type Members = Record<string, unknown>;

const names = { plural: 'boats', singular: 'boat', kind: 'Boat', listKind: 'BoatList' };
const metadata = { name: 'boats.example.com', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' };
const status = { conditions: [], acceptedNames: names, storedVersions: ['v1'] };
const none = { strategy: 'None' };
const schemaOf = (description: string): Members => ({
  openAPIV3Schema: { type: 'object', description, properties: { a: { type: 'string', default: 'x' } } },
});
const column = (path: string): Members => ({ name: 'A', type: 'string', jsonPath: path });
const scale = { specReplicasPath: '.spec.n', statusReplicasPath: '.status.n' };
const v1 = { name: 'v1', served: true, storage: true };
const v2 = { name: 'v2', served: true, storage: false };

function served(versions: readonly Members[], more: Members = {}): KubeObject {
  const spec = { group: 'example.com', names, scope: 'Namespaced', versions, conversion: none, ...more };
  return { kind: 'CustomResourceDefinition', apiVersion: 'apiextensions.k8s.io/v1', metadata, spec, status };
}

/** What of a definition is stored, as JSON has it. */
function storedSpec(definition: KubeObject): Members {
  const stored = JSON.parse(JSON.stringify(definitionToStored(definition))) as KubeObject;
  assert.equal(stored.apiVersion, 'apiextensions.k8s.io/v1beta1');
  const { group, names: _, scope, conversion, ...spec } = stored['spec'] as Members;
  assert.deepEqual({ group, scope }, { group: 'example.com', scope: 'Namespaced' });
  assert.deepEqual(stored.metadata, metadata);
  return conversion === undefined || JSON.stringify(conversion) === JSON.stringify(none)
    ? spec
    : { ...spec, conversion };
}

const plain = { version: 'v1', preserveUnknownFields: false };
const path = { jsonPath: '.spec.a' };
const client = { service: { namespace: 'n', name: 's', port: 443 } };

const cases: readonly (readonly [title: string, served: KubeObject, stored: Members])[] = [
  ['one version', served([v1]), { ...plain, versions: [v1] }],
  [
    'a schema that all versions share is there once',
    served([
      { ...v1, schema: schemaOf('a') },
      { ...v2, schema: schemaOf('a') },
    ]),
    { ...plain, validation: schemaOf('a'), versions: [v1, v2] },
  ],
  [
    'schemas that differ stay with their versions, and so do the fields that are selected',
    served([
      { ...v1, schema: schemaOf('a'), selectableFields: [path] },
      { ...v2, schema: schemaOf('b'), selectableFields: [path] },
    ]),
    {
      ...plain,
      versions: [
        { ...v1, schema: schemaOf('a'), selectableFields: [path] },
        { ...v2, schema: schemaOf('b'), selectableFields: [path] },
      ],
    },
  ],
  [
    'fields that are selected in all versions are there once',
    served([
      { ...v1, schema: schemaOf('a'), selectableFields: [path] },
      { ...v2, schema: schemaOf('a'), selectableFields: [path] },
    ]),
    { ...plain, validation: schemaOf('a'), selectableFields: [path], versions: [v1, v2] },
  ],
  [
    'subresources that differ stay with their versions',
    served([
      { ...v1, subresources: { status: {}, scale } },
      { ...v2, subresources: { status: {} } },
    ]),
    {
      ...plain,
      versions: [
        { ...v1, subresources: { status: {}, scale } },
        { ...v2, subresources: { status: {} } },
      ],
    },
  ],
  [
    'subresources and columns of the only version are those of all',
    served([{ ...v1, subresources: { status: {} }, additionalPrinterColumns: [column('.a')] }]),
    {
      ...plain,
      subresources: { status: {} },
      additionalPrinterColumns: [{ name: 'A', type: 'string', JSONPath: '.a' }],
      versions: [v1],
    },
  ],
  [
    'columns that differ stay with their versions',
    served([
      { ...v1, additionalPrinterColumns: [column('.a')] },
      { ...v2, additionalPrinterColumns: [column('.b')] },
    ]),
    {
      ...plain,
      versions: [
        { ...v1, additionalPrinterColumns: [{ name: 'A', type: 'string', JSONPath: '.a' }] },
        { ...v2, additionalPrinterColumns: [{ name: 'A', type: 'string', JSONPath: '.b' }] },
      ],
    },
  ],
  [
    'a webhook is not nested',
    served([v1], {
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig: client, conversionReviewVersions: ['v1'] },
      },
    }),
    {
      ...plain,
      versions: [v1],
      conversion: {
        strategy: 'Webhook',
        webhookClientConfig: client,
        conversionReviewVersions: ['v1'],
      },
    },
  ],
  [
    'unknown fields that are kept',
    served([v1], { preserveUnknownFields: true }),
    { version: 'v1', preserveUnknownFields: true, versions: [v1] },
  ],
];

describe('definitionToStored()', () => {
  for (const [title, definition, stored] of cases) {
    test(`${title}; definitionFromStored() reads it back`, () => {
      assert.deepEqual(storedSpec(definition), stored);
      const value = encodeStored(definition);
      for (const mediaType of ['application/json', 'application/vnd.kubernetes.protobuf'] as const) {
        const read = JSON.parse(String(fromStoredMedia(toStoredMedia(value, mediaType)))) as KubeObject;
        assert.deepEqual(read, definition);
      }
    });
  }
});

describe('definitionFromStored()', () => {
  const old = (spec: Members, more: Members = {}): KubeObject => ({
    kind: 'CustomResourceDefinition',
    apiVersion: 'apiextensions.k8s.io/v1beta1',
    metadata,
    spec: { group: 'example.com', names: { plural: 'boats', kind: 'Boat' }, ...spec },
    ...more,
  });

  test('what an old client left out has the defaults of its version', () => {
    const { apiVersion, spec, status: of } = definitionFromStored(old({ version: 'v1' }));
    assert.equal(apiVersion, 'apiextensions.k8s.io/v1');
    assert.deepEqual(spec, {
      group: 'example.com',
      names,
      scope: 'Namespaced',
      versions: [v1],
      conversion: none,
      preserveUnknownFields: true,
    });
    assert.deepEqual(of.storedVersions, ['v1']);
  });

  test('a webhook without versions of reviews speaks v1beta1, and a service without a port has 443', () => {
    const webhookClientConfig = { service: { namespace: 'n', name: 's' } };
    const { spec } = definitionFromStored(
      old({ version: 'v1', conversion: { strategy: 'Webhook', webhookClientConfig } }),
    );
    assert.deepEqual(spec.conversion, {
      strategy: 'Webhook',
      webhook: { clientConfig: client, conversionReviewVersions: ['v1beta1'] },
    });
  });
});
