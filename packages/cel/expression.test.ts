import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Expression } from './expression.ts';
import { CostMeter } from './frame.ts';
import { CelCompileError } from './issue.ts';
import { fromJson } from './json-value.ts';
import { kubernetesLibrary } from './library/kubernetes.ts';
import * as types from './types.ts';

const object: types.ObjectType = {
  kind: 'object',
  name: 'object',
  field: (name) =>
    ({ min: types.int, max: types.int, name: types.string, tags: types.listOf(types.string) })[name],
  names: () => ['min', 'max', 'name', 'tags'],
};
const declarations = {
  functions: kubernetesLibrary,
  variables: new Map<string, types.CelType>([
    ['self', object],
    ['any', types.dyn],
  ]),
};

function evaluate(source: string, self: unknown = {}, any: unknown = {}): unknown {
  return new Expression(source, declarations).evaluate({
    self: fromJson(self, object),
    any: fromJson(any),
  });
}

function fault(source: string): string {
  try {
    new Expression(source, declarations);
  } catch (error) {
    if (error instanceof CelCompileError) return error.message;
    throw error;
  }
  return '';
}

test('Expression evaluates what is true of everything Kubernetes declares', () => {
  for (const source of [
    '1 + 2 * 3 == 7',
    '-1 < 1u && 1 < 1.5',
    "'a' + 'b' == 'ab' && 'abc'.contains('b')",
    '[1, 2, 3].all(x, x > 0) && [1, 2].exists(x, x == 2) && [1, 2].exists_one(x, x == 2)',
    '[1, 2, 3].map(x, x * 2) == [2, 4, 6] && [1, 2, 3].filter(x, x % 2 == 1) == [1, 3]',
    "{'a': 1}.all(k, v, k == 'a' && v == 1) && {'a': 1}.transformMap(k, v, v + 1) == {'a': 2}",
    "size('héllo') == 5 && [1, 2].size() == 2 && 'a' in {'a': 1} && !('b' in ['a'])",
    'true || 1 / 0 == 1',
    '!(1 / 0 == 1 && false)',
    "duration('1h30m').getMinutes() == 90 && timestamp('2024-01-02T03:04:05Z').getFullYear() == 2024",
    "quantity('1Gi').isGreaterThan(quantity('1G')) && quantity('500m').add(quantity('0.5')).compareTo(quantity('1')) == 0",
    "isIP('10.0.0.1') && cidr('10.0.0.0/8').containsIP('10.2.3.4') && ip('::1').isLoopback() && !isIP('10.0.0.999')",
    "url('https://a.example:80/p?q=1').getHostname() == 'a.example' && !isURL('a b')",
    "'a-1-b-2'.findAll('[0-9]+') == ['1', '2'] && 'abc'.matches('^a.c$')",
    '[3, 1, 2].max() == 3 && [1, 2].sum() == 3 && [1, 2, 3].isSorted() && sets.contains([1, 2], [1])',
    "semver('1.2.3').isLessThan(semver('1.10.0')) && isSemver('1.0.0-rc.1') && !isSemver('01.0.0')",
    "semver('v01.2', true) == semver('1.2.0') && !isSemver('1.0-rc', true) && isSemver('v1.2.3-a.1+b', true)",
    "!format.dns1123Label().validate('a').hasValue() && format.named('dns1123Label').hasValue()",
    "'%s is %d'.format([dyn('x'), dyn(5)]) == 'x is 5' && 'a,b'.split(',').join('-') == 'a-b'",
    "any.?missing.orValue('d') == 'd' && any[?'x'].hasValue() == false && optional.of(1).optMap(v, v + 1).value() == 2",
    'type(1) == int && string(1) == "1" && int("7") == 7 && double(1) == 1.0',
    '[1, 2][1] == 2 && {1: "a"}[1] == "a" && has({"a": 1}.a)',
    'b"abc" == bytes("abc") && "\\u00e9" == "é" && r"\\d" == "\\\\d"',
  ]) {
    assert.equal(evaluate(source), true, source);
  }
});

test('Expression reads objects with declared fields', () => {
  assert.equal(evaluate('self.min <= self.max && !has(self.name)', { min: 1, max: 2 }), true);
  assert.throws(() => evaluate('self.name == "x"', {}), { message: 'no such key: name' });
  assert.throws(() => evaluate('[1][3] == 1'), { message: 'index out of bounds: 3' });
  assert.throws(() => evaluate('1 / (self.min - 1) == 1', { min: 1 }), { message: 'division by zero' });
});

test("Expression refuses with cel-go's texts", () => {
  assert.equal(
    fault('self.name + 1 > 2'),
    "ERROR: <input>:1:11: found no matching overload for '_+_' applied to '(string, int)'\n | self.name + 1 > 2\n | ..........^",
  );
  assert.equal(
    fault('self.nope == 1'),
    "ERROR: <input>:1:5: undefined field 'nope'\n | self.nope == 1\n | ....^",
  );
  assert.equal(
    fault('foo'),
    "ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo\n | ^",
  );
  assert.equal(
    fault('any.data.'),
    "ERROR: <input>:1:10: Syntax error: no viable alternative at input '.'\n | any.data.\n | .........^",
  );
  assert.equal(
    fault("[1, 'a'].size() > 0"),
    "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a'].size() > 0\n | ....^",
  );
  assert.equal(
    fault("duration('1x') > duration('1s')"),
    "ERROR: <input>:1:10: invalid duration argument\n | duration('1x') > duration('1s')\n | .........^",
  );
  assert.equal(
    fault("self.name.matches('[')"),
    "ERROR: <input>:1:19: invalid matches argument\n | self.name.matches('[')\n | ..................^",
  );
  assert.match(fault("'a'.size(1)"), /found no matching overload for 'size' applied to 'string.\(int\)'/);
});

test('Expression reads dotted names that are one variable', () => {
  const dotted = {
    functions: kubernetesLibrary,
    variables: new Map<string, types.CelType>([
      ['a', types.int],
      ['a.b', types.string],
    ]),
  };
  const expression = new Expression("a.b == 'x' && a == 1 && [{'b': 2}].all(a, a.b == 2)", dotted);
  assert.equal(expression.evaluate({ a: 1n, 'a.b': 'x' }), true);
});

test('Expression gives empty literals the type of what they stand beside', () => {
  const type = (source: string) => types.typeText(new Expression(source, declarations).type);
  assert.equal(type('true ? [] : [1]'), 'list(int)');
  assert.equal(type('true ? [1] : []'), 'list(int)');
  assert.equal(type('[] + [1]'), 'list(int)');
  assert.equal(type('[[], [1]]'), 'list(list(int))');
  assert.equal(type('[]'), 'list(dyn)');
});

test('Expression stops when its work costs more than allowed', () => {
  const expression = new Expression('[1, 2, 3, 4].all(a, [1, 2, 3, 4].all(b, a + b > 0))', declarations);
  assert.equal(expression.evaluate({}), true);
  assert.throws(() => expression.evaluate({}, new CostMeter(20)), {
    name: 'CelRuntimeError',
    code: 'ERR_CEL_COST',
  });
});

test('format() refuses more digits than a number has', () => {
  assert.throws(() => evaluate("'%.999999999f'.format([1.0]) == ''"), /precision 999999999 exceeds maximum/);
});

test('Expression takes google.protobuf.Any for whatever is wanted, but goes through none', () => {
  const claims = {
    functions: kubernetesLibrary,
    variables: new Map([['claims', types.mapOf(types.string, types.any)]]),
  };
  const told = (source: string): string => {
    try {
      return types.typeText(new Expression(source, claims).type);
    } catch (error) {
      if (error instanceof CelCompileError) return error.message.split('\n')[0] as string;
      throw error;
    }
  };
  assert.equal(told('claims.sub'), 'any');
  assert.equal(told('claims.a.b'), 'dyn');
  assert.equal(told('claims.a == 1 || "x" in claims.a || claims.a.startsWith("x")'), 'bool');
  assert.equal(told('claims.a.b.exists(e, e == 1)'), 'bool');
  assert.equal(
    told('claims.a.exists(e, e == 1)'),
    "ERROR: <input>:1:7: expression of type 'any' cannot be range of a comprehension (must be list, map, or dynamic)",
  );
  assert.equal(
    told('"%d".format([claims.a])'),
    'ERROR: <input>:1:20: error during formatting: decimal clause can only be used on integers, was given google.protobuf.Any',
  );
});
