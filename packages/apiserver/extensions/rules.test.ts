import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import type { DefinitionVersion } from './definition.ts';
import { compileRules } from './rules.ts';

interface Run {
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Checks an object, that was another before, against the schema of its spec. */
function check(spec: object, now: object, before?: object): Run {
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
  } as unknown as DefinitionVersion;
  const object = (value: object): KubeObject =>
    ({ apiVersion: 'g/v1', kind: 'K', metadata: { name: 'a' }, spec: value }) as KubeObject;
  const warnings: string[] = [];
  const errors = compileRules(version)?.(
    object(now),
    before === undefined ? undefined : object(before),
    (text) => warnings.push(text),
  );
  return { errors: (errors ?? []).map(({ field, message }) => `${field}: ${message}`), warnings };
}

const rules = (...all: object[]) => ({ 'x-kubernetes-validations': all });

test('compileRules() tolerates what was broken before, and warns of it', () => {
  const positive = { type: 'integer', ...rules({ rule: 'self > 0' }) };
  const spec = { type: 'object', properties: { a: positive, b: { type: 'integer' } } };
  const text = 'spec.a: Invalid value: -1: failed rule: self > 0';
  assert.deepEqual(check(spec, { a: -1 }), { errors: [text], warnings: [] });
  assert.deepEqual(check(spec, { a: -1, b: 2 }, { a: -1, b: 1 }), { errors: [], warnings: [text] });
  assert.deepEqual(check(spec, { a: -2 }, { a: -1 }).errors, [text.replace('-1', '-2')]);
});

test('compileRules() tolerates items of a list that cannot be told apart when the whole list is as before', () => {
  const items = { type: 'integer', ...rules({ rule: 'self > 0' }) };
  const spec = { type: 'object', properties: { list: { type: 'array', items } } };
  assert.deepEqual(check(spec, { list: [-1] }, { list: [-1] }).errors, []);
  assert.deepEqual(check(spec, { list: [-1, 1] }, { list: [-1] }).errors, [
    'spec.list[0]: Invalid value: -1: failed rule: self > 0',
  ]);
});

test('compileRules() runs rules about changes only where there is something to compare with', () => {
  const rule = { rule: 'self == oldSelf', message: 'is immutable' };
  const spec = (more: object = {}) => ({
    type: 'object',
    properties: { a: { type: 'integer', ...rules({ ...rule, ...more }) } },
  });
  assert.deepEqual(check(spec(), { a: 1 }).errors, []);
  assert.deepEqual(check(spec(), { a: 2 }, { a: 1 }).errors, ['spec.a: Invalid value: 2: is immutable']);
  const optional = { rule: 'oldSelf.hasValue() || self == 1', optionalOldSelf: true, message: 'starts at 1' };
  assert.deepEqual(check(spec(optional), { a: 2 }).errors, ['spec.a: Invalid value: 2: starts at 1']);
});

test('compileRules() words, names and gives reasons as rules say', () => {
  const spec = {
    type: 'object',
    properties: { a: { type: 'object', properties: { b: { type: 'integer' } } } },
    ...rules({
      rule: 'self.a.b < 3',
      messageExpression: '"b is " + string(self.a.b)',
      reason: 'FieldValueForbidden',
      fieldPath: '.a.b',
    }),
  };
  assert.deepEqual(check(spec, { a: { b: 5 } }).errors, ['spec.a.b: Forbidden: b is 5']);
  assert.deepEqual(check(spec, {}).errors, [
    'spec: Invalid value: "object": no such key: a evaluating rule: self.a.b < 3',
  ]);
});

test('compileRules() stops when a rule, or all of them together, cost too much', () => {
  const numbers = Array.from({ length: 600 }, (_, i) => i);
  const nested = { rule: 'self.all(x, self.all(y, x + y >= 0))' };
  const spec = {
    type: 'object',
    properties: { list: { type: 'array', items: { type: 'integer' }, ...rules(nested) } },
  };
  assert.deepEqual(check(spec, { list: numbers }).errors, [
    `spec.list: Invalid value: "array": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: self.all(x, self.all(y, x + y >= 0))`,
  ]);
  const once = { type: 'array', items: { type: 'integer' }, ...rules(nested) };
  const many = { type: 'object', properties: { lists: { type: 'array', items: once } } };
  const lists = Array.from({ length: 40 }, () => numbers.slice(0, 300));
  assert.deepEqual(check(many, { lists }).errors, [
    'spec.lists[15]: Invalid value: "array": validation failed due to running out of cost budget, no further validation rules will be run',
  ]);
});
