import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRulesOf } from './rule.ts';
import type { Schema } from './schema.ts';

function costOf(schema: Schema, rule: string): number | undefined {
  const compiled = compileRulesOf({ ...schema, 'x-kubernetes-validations': [{ rule }] }, false);
  assert.deepEqual(compiled?.rules[0]?.faults, []);
  return compiled?.rules[0]?.cost;
}

const of = (type: string): Schema =>
  type === 'int-or-string'
    ? { 'x-kubernetes-int-or-string': true }
    : ['duration', 'date', 'date-time', 'byte'].includes(type)
      ? { type: 'string', format: type }
      : { type };
const list = (items: Schema, maxItems?: number): Schema => ({
  type: 'array',
  items,
  ...(maxItems === undefined ? {} : { maxItems }),
});
const map = (values: Schema, maxProperties?: number): Schema => ({
  type: 'object',
  additionalProperties: values,
  ...(maxProperties === undefined ? {} : { maxProperties }),
});
const pair: Schema = {
  type: 'object',
  required: ['required'],
  properties: { required: of('string'), optional: of('string') },
};

test('compileRulesOf() estimates costs from the sizes that a schema allows', () => {
  const all = 'self.all(x, true)';
  const rows: readonly (readonly [Schema, string, number])[] = [
    [list(of('number')), all, 4718591],
    [list(of('number'), 10), all, 32],
    [list(of('string')), all, 3145727],
    [list(of('boolean')), all, 1887437],
    [list(list(of('number'))), all, 3145727],
    [list(pair), all, 555128],
    [map(of('number')), all, 1348169],
    [map(of('string')), all, 1179647],
    [map(of('boolean')), all, 943718],
    [map(pair), all, 428963],
    [map(map(of('number'))), all, 1179647],
    [list(of('int-or-string')), all, 4718591],
    [list(of('duration')), all, 2359295],
    [list(of('date')), all, 725936],
    [list(of('date-time')), all, 428963],
    [map(of('duration')), all, 1048577],
    [map(of('date')), all, 524288],
    [map(of('date-time')), all, 349526],
    [of('string'), "self.contains('test')", 314574],
    [{ type: 'string', maxLength: 10 }, "self.contains('test')", 5],
    [of('string'), "self.startsWith('test')", 2],
    [of('string'), 'size(self + "hello") > size("hello")', 314578],
    [{ type: 'string', maxLength: 4 }, 'size(self + "hello") > size("hello")', 7],
    [list(of('number')), 'self[1] == 0.0', 2],
    [list(of('string')), 'self[1] == self[1]', 314577],
    [list(of('number'), 10), 'self.all(x, self.all(y, true))', 352],
    [list(of('number'), 10), 'self.all(x, self.all(y, self.all(z, true)))', 3552],
    [of('string'), 'self.matches("x")', 314574],
    [{ type: 'string', maxLength: 50 }, 'self.matches("x")', 22],
    [of('string'), '"".matches("(((((((((())))))))))[0-9]")', 7],
    [of('string'), 'self.matches("")', 1],
    [{ type: 'string', maxLength: 0 }, 'self == "x"', 1],
    [{ type: 'string', format: 'byte', maxLength: 0 }, 'self == b"x"', 1],
    [list(of('number')), 'self.all(x, x == 0.0)', 6291454],
    [list(map(pair)), 'self.all(x, x["y"].required == "z")', 7340027],
    [list(map(pair, 10), 10), 'self.all(x, x["y"].required == "z")', 72],
    [list(of('int-or-string')), 'self[0] == 5', 3],
    [list(map(of('number'))), 'self.all(x, x.y == 25.2)', 6291452],
    [list(map(of('number'))), 'self[0].x > 2.0', 4],
    [list(of('duration')), 'self[0].getHours() == 2', 4],
    [of('string'), "self.find('[0-9]+') == ''", 629147],
    [list(of('string')), "self.join(' ') == 'aa bb'", 329853068905],
    [list({ type: 'string', maxLength: 10 }, 10), "self.join(' ') == 'aa bb'", 43],
    [list(of('string')), 'self.isSorted() == true', 329854432052],
    [of('string'), "self.lowerAscii() == 'lower!'", 314575],
    [map(of('integer')), 'oldSelf.size() == self.size()', 5],
    [map(of('date-time')), 'self["a"] == self["b"]', 8],
    [{ type: 'string', enum: ['A', 'B', 'C', 'LongValue'] }, "self.contains('A')", 2],
    [{ type: 'string', enum: ['A'], maxLength: 1000 }, "self.contains('A')", 401],
  ];
  assert.deepEqual(
    rows.map(([schema, rule]) => [rule, costOf(schema, rule)]),
    rows.map(([, rule, cost]) => [rule, cost]),
  );
});
