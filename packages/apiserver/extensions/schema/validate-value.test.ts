import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from './schema.ts';
import { validateValue } from './validate-value.ts';

const text = (value: unknown, schema: object, path = 'a'): string[] =>
  validateValue(value, schema as Schema, path).map(({ field, message }) => `${field}: ${message}`);

const cases: readonly (readonly [what: string, value: unknown, schema: object, ...errors: string[]])[] = [
  [
    'a type',
    1,
    { type: 'string' },
    'a: Invalid value: "integer": a in body must be of type string: "integer"',
  ],
  [
    'a format instead of a type',
    1,
    { type: 'string', format: 'date-time' },
    'a: Invalid value: "int64": a in body must be of type date-time: "int64"',
  ],
  [
    'no format that the type does not have',
    true,
    { type: 'string', format: 'int32' },
    'a: Invalid value: "boolean": a in body must be of type string: "boolean"',
  ],
  ['no list where texts have a format', [1], { type: 'string', format: 'date' }],
  ['whole numbers as numbers', 1, { type: 'number', format: 'double' }],
  [
    'the range of a format',
    2 ** 40,
    { type: 'integer', format: 'int32' },
    '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in a',
  ],
  [
    'whole numbers that do not fit into 64 bits',
    2 ** 70,
    { type: 'integer' },
    'a: Invalid value: "number": a in body must be of type integer: "number"',
    '<nil>: Invalid value: "": Checked value must be of type integer (default format) in a',
  ],
  [
    'an enum where null is allowed',
    null,
    { type: 'string', nullable: true, enum: ['x', null] },
    'a: Unsupported value: null: supported values: "x", "null"',
  ],
  [
    'a length before a pattern',
    'abc',
    { type: 'string', maxLength: 2, pattern: '^x' },
    'a: Too long: may not be more than 2 bytes',
  ],
  [
    'a minimum before a maximum',
    5,
    { type: 'integer', maximum: 4, minimum: 6 },
    'a: Invalid value: 5: a in body should be greater than or equal to 6',
    'a: Invalid value: 5: a in body should be less than or equal to 4',
  ],
  ['multiples but for what floating point loses', 0.3, { type: 'number', multipleOf: 0.1 }],
  [
    'multiples',
    7,
    { type: 'integer', multipleOf: 2 },
    'a: Invalid value: 7: a in body should be a multiple of 2',
  ],
  [
    'members before what is required',
    { b: 1 },
    { type: 'object', required: ['c'], properties: { b: { type: 'string' }, c: {} } },
    'a.b: Invalid value: "integer": a.b in body must be of type string: "integer"',
    'a.c: Required value',
  ],
  [
    'the number of members before all else',
    {},
    { type: 'object', minProperties: 1, required: ['c'] },
    'a: Invalid value: 0: a in body should have at least 1 properties',
  ],
  [
    'the number of items after them',
    [1],
    { type: 'array', minItems: 2, items: { type: 'string' } },
    'a[0]: Invalid value: "integer": a[0] in body must be of type string: "integer"',
    'a: Invalid value: 1: a in body should have at least 2 items',
  ],
  [
    'combinations at no field',
    { b: 1 },
    { type: 'object', anyOf: [{ required: ['c'] }, { required: ['d'] }] },
    '<nil>: Invalid value: "": "a" must validate at least one schema (anyOf)',
    'a.c: Required value',
  ],
  [
    'the alternative that came furthest',
    { b: 1 },
    { type: 'object', anyOf: [{ required: ['c'] }, { properties: { b: { minimum: 2 } } }] },
    '<nil>: Invalid value: "": "a" must validate at least one schema (anyOf)',
    'a.b: Invalid value: 1: a.b in body should be greater than or equal to 2',
  ],
  [
    'how many alternatives hold',
    3,
    { type: 'integer', oneOf: [{ minimum: 1 }, { minimum: 2 }] },
    '<nil>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives',
  ],
  [
    'what is said twice once',
    'y',
    { type: 'string', pattern: '^x', allOf: [{ pattern: '^x' }] },
    'a: Invalid value: "y": a in body should match \'^x\'',
    '<nil>: Invalid value: "": "a" must validate all the schemas (allOf). None validated',
  ],
  [
    'what must not be',
    1,
    { type: 'integer', not: { minimum: 0 } },
    '<nil>: Invalid value: "": "a" must not validate the schema (not)',
  ],
];

for (const [what, value, schema, ...errors] of cases) {
  test(`validateValue() tells of ${what}`, () => {
    assert.deepEqual(text(value, schema), errors);
  });
}

test('validateValue() tolerates what did not change', () => {
  const schema = { type: 'object', properties: { b: { type: 'string' }, c: { type: 'integer' } } } as Schema;
  const errors = validateValue({ b: 1, c: 2 }, schema, 'a', { value: { b: 1, c: 1 }, schema });
  assert.deepEqual(errors, []);
});
