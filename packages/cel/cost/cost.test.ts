import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Expression } from '../expression.ts';
import { CostMeter } from '../frame.ts';
import { fromJson } from '../json-value.ts';
import { kubernetesLibrary } from '../library/kubernetes.ts';
import * as types from '../types.ts';

const item: types.ObjectType = {
  kind: 'object',
  name: 'item',
  field: (name) => ({ k: types.string, v: types.string, v2: types.string })[name],
  names: () => ['k', 'v', 'v2'],
};
const fields: Readonly<Record<string, types.CelType>> = {
  number: types.int,
  other: types.double,
  text: types.string,
  list: types.listOf(types.int),
  items: types.listOf(item),
  map: types.mapOf(types.string, types.int),
  any: types.dyn,
};
const object: types.ObjectType = {
  kind: 'object',
  name: 'object',
  field: (name) => fields[name],
  names: () => Object.keys(fields),
};
const declarations = { functions: kubernetesLibrary, variables: new Map([['self', object]]) };
const value = {
  number: 5,
  other: 10,
  text: 'Rook takes 👑',
  list: [1, 1, 2, 2, 3, 3, 4, 5],
  items: [
    { k: 'a1', v: 'b1' },
    { k: 'a2', v: 'b2' },
    { k: 'a3', v: 'b3', v2: 'z' },
  ],
  map: { b: 1, d: 2 },
  any: '25%',
};

test('CostMeter counts what cel-go counts', () => {
  const costs: Readonly<Record<string, number>> = {
    'type(self.number) == int': 4,
    'self.number + 1 == 6 + 1': 5,
    'double(self.number) < self.other': 6,
    'double(5) < 10.0': 1,
    "self.text.startsWith('Rook')": 4,
    "!self.text.startsWith('knight')": 5,
    "self.text.matches('^[^0-9]*$')": 8,
    'size(self.text) == 12': 4,
    "self.text.charAt(3) == 'k'": 4,
    "self.text.indexOf('o') == 1": 4,
    "self.text.replace(' ', 'x') == 'Rookxtakesx👑'": 7,
    "self.text.split(' ') == ['Rook', 'takes', '👑']": 6,
    "self.text.substring(4, 10).trim() == 'takes'": 6,
    "self.text.upperAscii() == 'ROOK TAKES 👑'": 6,
    "self.text in ['a', 'b']": 2,
    '2 in self.list': 10,
    'self.list.all(e, e > 0)': 43,
    'self.list.exists(e, e > 2)': 36,
    'self.list.exists_one(e, e > 4)': 22,
    '!self.list.all(e, e < 2)': 21,
    '!self.list.exists(e, e < 0)': 52,
    'size(self.list.filter(e, e % 2 == 0)) == 3': 68,
    'self.list.map(e, e * 20).filter(e, e > 50).exists(e, e == 60)': 194,
    "'b' in self.map": 3,
    'has(self.map.b)': 2,
    'self.map.all(k, self.map[k] > 0)': 17,
    'self.map.exists_one(k, self.map[k] == 2)': 14,
    'size(self.map.filter(k, self.map[k] > 1)) == 1': 26,
    'has(self.items[0].v)': 3,
    "self.items.all(m, m.k.startsWith('a'))": 21,
    "self.items.all(m, !has(m.v2) || m.v2 == 'z')": 21,
    "self.items.exists(m, m.k.endsWith('1'))": 13,
    "self.items.map(m, m.v).exists(v, v == 'b1')": 55,
    "self.items.exists(m, m.v2 == 'z')": 24,
    "!self.items.all(m, m.v2 != 'z')": 22,
    "self.items.map(m, has(m.v2) && m.v2 == 'z', m.v2).size() == 1": 25,
    "type(self.any) == int ? self.any == 1 : self.any == '25%'": 7,
    "self.any == 1 || self.any == '25%'": 6,
    "type(self.any) == int ? self.number <= self.any : double(self.number) / double(self.other) >= double(self.any.replace('%', '')) / 100.0": 17,
  };
  const actual = Object.fromEntries(
    Object.keys(costs).map((source) => {
      const meter = new CostMeter(1_000_000);
      new Expression(source, declarations).evaluate({ self: fromJson(value, object) }, meter);
      return [source, meter.spent];
    }),
  );
  assert.deepEqual(actual, costs);
});

test('Expression.estimateCost() multiplies by the sizes that are known, and is unbounded where none is', () => {
  const size = (max: number) =>
    new Expression('self.list.all(e, e > 0)', declarations).estimateCost((path) =>
      path.join('.') === 'self.list' ? { min: 0, max } : undefined,
    );
  // Reading the list and the result, and for each item the condition, what was, the item and the comparison.
  assert.deepEqual(size(10), { min: 3, max: 3 + 10 * 5 });
  assert.equal(size(2 ** 64).max, 2 ** 64);
});
