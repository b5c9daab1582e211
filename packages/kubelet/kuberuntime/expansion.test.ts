import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expand } from './expansion.ts';

const variables = new Map([
  ['VAR_A', 'A'],
  ['VAR_EMPTY', ''],
]);

for (const [text, want] of [
  ['$(VAR_A)', 'A'],
  ['x$(VAR_A)y', 'xAy'],
  ['$$(VAR_A)', '$(VAR_A)'],
  ['$$$(VAR_A)', '$A'],
  ['$(VAR_UNKNOWN)', '$(VAR_UNKNOWN)'],
  ['$(VAR_EMPTY)-', '-'],
  ['$(VAR_A', '$(VAR_A'],
  ['$VAR_A', '$VAR_A'],
  ['cost: 5$', 'cost: 5$'],
  ['$$$$', '$$'],
  ['$(VAR_A)$(VAR_A)', 'AA'],
] as const) {
  test(`expand() gives ${want} when given ${text}`, () => {
    assert.equal(expand(text, variables), want);
  });
}
