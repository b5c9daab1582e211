import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coerceEmbedded } from './coerce-embedded.ts';
import type { Schema } from './schema.ts';

const schema: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      },
    },
  },
};

const withPart = (part: unknown) => ({ kind: 5, spec: { a: part } });

test('coerceEmbedded() drops what metadata does not have', () => {
  const value = withPart({ kind: 'Pod', metadata: { name: 'n', creationTimestamp: null, more: 1 }, more: 1 });
  assert.deepEqual(coerceEmbedded(value, schema), { unknown: ['unknown field "spec[a].metadata.more"'] });
  assert.deepEqual(value, withPart({ kind: 'Pod', metadata: { name: 'n' }, more: 1 }));
});

test('coerceEmbedded() finds the first member that does not have its type', () => {
  const faultOf = (part: unknown): string => {
    const { fault } = coerceEmbedded(withPart(part), schema);
    return `${fault?.type} ${fault?.field}: ${fault?.message}`;
  };
  assert.equal(
    faultOf({ apiVersion: 'v1', kind: 1 }),
    'FieldValueInvalid spec[a].kind: Invalid value: 1: must be a string',
  );
  assert.equal(
    faultOf({ metadata: { name: true } }),
    'FieldValueInvalid spec[a].metadata: Invalid value: {"name":true}: ' +
      'json: cannot unmarshal bool into Go struct field ObjectMeta.name of type string',
  );
  assert.equal(
    faultOf({ metadata: 'x' }),
    'FieldValueInvalid spec[a].metadata: Invalid value: "x": ' +
      'json: cannot unmarshal string into Go value of type v1.ObjectMeta',
  );
});

test('coerceEmbedded() repairs what was stored under another schema', () => {
  const value = withPart({ apiVersion: 1, kind: 'Pod', metadata: { name: 'n', labels: { a: 1 }, more: 1 } });
  assert.equal(coerceEmbedded(value, schema, true).fault, undefined);
  assert.deepEqual(value, withPart({ kind: 'Pod', metadata: { name: 'n' } }));
});
