import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goFloat, goNumber } from './go-float.ts';

const floats: readonly (readonly [value: number, text: string])[] = [
  [0, '0'],
  [-0, '-0'],
  [1e5, '100000'],
  [999999.5, '999999.5'],
  [1e6, '1e+06'],
  [123456789, '1.23456789e+08'],
  [-1234567.5, '-1.2345675e+06'],
  [1e21, '1e+21'],
  [1e-4, '0.0001'],
  [0.00001234, '1.234e-05'],
  [1e-100, '1e-100'],
  [12345.678, '12345.678'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
];
for (const [value, text] of floats) {
  test(`goFloat() prints ${text} as Go does`, () => {
    assert.equal(goFloat(value), text);
  });
}

test('goNumber() prints what Go reads as an integer as one', () => {
  assert.equal(goNumber(123456789), '123456789');
  assert.equal(goNumber(2n ** 63n - 1n), '9223372036854775807');
  assert.equal(goNumber(2 ** 63), '9.223372036854776e+18');
  assert.equal(goNumber(1234567.5), '1.2345675e+06');
});
