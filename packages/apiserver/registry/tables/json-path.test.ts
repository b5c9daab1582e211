import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileJsonPath } from './json-path.ts';

const object = {
  color: 'red',
  n: 3,
  list: [
    { x: 'a', y: 1 },
    { x: 'b', y: 2 },
    { x: 'c', y: 3 },
  ],
  mixed: [{ x: 1.5 }, { x: 'b' }],
  labels: { 'a.b/c': 'dotted' },
  none: null,
};

const cases: readonly (readonly [path: string, found: unknown[]])[] = [
  ['.color', ['red']],
  ['.missing', []],
  ['.list[1].x', ['b']],
  ['.list[-1].x', ['c']],
  ['.list[3].x', []],
  ['.color[0]', []],
  ['.none[0]', []],
  ['.list[*].x', ['a', 'b', 'c']],
  ['.list[0:2].x', ['a', 'b']],
  ['.list[1:].x', ['b', 'c']],
  ['.list[:-1].x', ['a', 'b']],
  ['.list[::2].x', ['a', 'c']],
  ['.list[0:4].x', []],
  ['.list[2:1].x', []],
  ["['color','n']", ['red', 3]],
  ['.list[0,2].x', ['a', 'c']],
  ["['missing','n']", [3]],
  ['.list[?(@.x=="b")].y', [2]],
  ['.list[?(@.y>1)].x', ['b', 'c']],
  ['.list[?(@.y<=2)].x', ['a', 'b']],
  ["..labels['a\\.b/c']", ['dotted']],
  ['.list[?(@.z)].x', []],
  // One item that cannot be compared spoils all that were found.
  ['.mixed[?(@.x=="b")].x', []],
  ['.labels[?(@.x=="b")]', []],
];

for (const [path, found] of cases) {
  test(`compileJsonPath() finds ${JSON.stringify(found)} at ${path}`, () => {
    assert.deepEqual(compileJsonPath(path)(object), found);
  });
}
