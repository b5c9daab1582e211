import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FieldPath } from '@coxswain/machinery';
import { readSchema, type Schema } from './schema.ts';
import { validateSchema } from './validate-schema.ts';

const text = { type: 'string' };
const root = FieldPath.root('s');

/** What is wrong with a field of an object. */
function faultsOf(field: Schema): string[] {
  const schema = readSchema({ type: 'object', properties: { f: field } });
  const found = validateSchema(schema, root, { hasStatus: false, unchanged: false });
  return found.map(({ field: at, message }) => `${at}: ${message}`);
}

const cases: Readonly<Record<string, readonly [field: Schema, ...faults: string[]]>> = {
  'parts below the root speak of what is not there': [
    { type: 'object', properties: { a: text }, allOf: [{ properties: { b: { minLength: 1 } } }] },
  ],
  'the dialect is named': [
    { type: 'object', $schema: 'x' } as Schema,
    's: Invalid value: "": OpenAPIV3Schema \'schema\' is not supported',
  ],
  'items are null': [
    { type: 'array', items: null } as unknown as Schema,
    's.properties[f].items: Required value: must be specified',
  ],
  'a default is of neither type': [{ 'x-kubernetes-int-or-string': true, default: true }],
  'a default repeats what a set holds': [
    { type: 'array', items: text, 'x-kubernetes-list-type': 'set', default: ['a', 'a'] },
  ],
  'a default is not whole': [
    { type: 'integer', default: 1.5 },
    's.properties[f].default: Invalid value: "number":  in body must be of type integer: "number"',
    's.properties[f].default: Invalid value: "": Checked value must be of type integer (default format) in ',
  ],
};

for (const [title, [field, ...faults]] of Object.entries(cases)) {
  test(`validateSchema() where ${title}`, () => assert.deepEqual(faultsOf(field), faults));
}

test('validateSchema() takes the default of the whole for a resource', () => {
  const found = validateSchema({ type: 'object', default: {} }, root, { hasStatus: false, unchanged: false });
  assert.deepEqual(
    found.map(({ field, message }) => `${field}: ${message}`),
    ['s.default.apiVersion: Required value', 's.default.kind: Required value'],
  );
});
