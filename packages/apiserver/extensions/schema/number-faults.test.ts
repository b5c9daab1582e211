import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberFaults } from './number-faults.ts';
import type { Schema } from './schema.ts';

const cases: readonly (readonly [value: number, schema: Schema, ...texts: string[]])[] = [
  [1.5, { type: 'integer' }, 'Checked value must be of type integer (default format) in n'],
  [1.5, { 'x-kubernetes-int-or-string': true }],
  [
    2 ** 31,
    { type: 'integer', format: 'int32' },
    'Checked value must be of type integer with format int32 in n',
  ],
  [2 ** 31, { type: 'number', format: 'int32' }],
  [
    2 ** 63,
    { type: 'integer', format: 'int64' },
    'Checked value must be of type integer with format int64 in n',
  ],
  [
    3.5e38,
    { type: 'number', format: 'float' },
    'Checked value must be of type number with format float in n',
  ],
  [1, { type: 'number', multipleOf: 0.1 }, 'factor MultipleOf declared for n must be positive: 0'],
  [0.35, { type: 'number', multipleOf: 0.1 }, 'n in body should be a multiple of 0.1'],
  [0.3, { type: 'number', multipleOf: 0.1 }],
  [0, { type: 'number', minimum: 0.5 }],
  [2, { type: 'number', maximum: 1.5 }, 'n in body should be less than or equal to 1'],
  [1.7, { type: 'number', maximum: 1.5, exclusiveMaximum: true }, 'n in body should be less than 1.5'],
  [
    1,
    { type: 'integer', minimum: 1.5 },
    'Minimum boundary value must be of type integer (default format) in n',
    'n in body should be greater than or equal to 1.5',
  ],
];

for (const [value, schema, ...texts] of cases) {
  test(`numberFaults() of ${value} by ${JSON.stringify(schema)}`, () => {
    assert.deepEqual(
      numberFaults(value, schema, 'n').map(({ text }) => text),
      texts,
    );
  });
}
