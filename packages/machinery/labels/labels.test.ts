import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLabelSelector, selectorFromLabelSelector, selectorFromSet } from './selector.ts';

function fails(text: string): string {
  try {
    parseLabelSelector(text);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

test('parseLabelSelector() reads every operator and sorts by key', () => {
  const text = 'x in (b,a),!gone,y!=1,env,z==2,n>3,m<4,e notin (q),v=';
  assert.equal(parseLabelSelector(text).toString(), 'e notin (q),env,!gone,m<4,n>3,v=,x in (a,b),y!=1,z==2');
});

test('parseLabelSelector() ends at a zero byte, or a word there', () => {
  assert.equal(parseLabelSelector('\0,').toString(), '');
  assert.equal(parseLabelSelector('a=b \0c').toString(), 'a=b');
  assert.equal(parseLabelSelector('a in\0(x)').toString(), 'a in (x)');
});

test('Selector.matches() follows upstream', () => {
  const match = (text: string, labels?: Record<string, string>): boolean =>
    parseLabelSelector(text).matches(labels);
  assert.ok(match('', undefined));
  assert.ok(match('a=1,b!=2', { a: '1' }));
  assert.ok(!match('a in (1,2)', { a: '3' }));
  assert.ok(match('a notin (1)', {}));
  assert.ok(match('a>2', { a: '10' }));
  assert.ok(!match('a>2', { a: 'x' }));
  assert.ok(match('!a', { b: '' }));
  assert.ok(match('a=', { a: '' }));
  assert.ok(!match('toString', {}));
});

test('parseLabelSelector() fails with upstream texts', () => {
  assert.equal(fails('a in b'), "unable to parse requirement: found 'b' expected: '('");
  assert.equal(
    fails('a b'),
    "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
  );
  assert.equal(fails('a=1,'), "found '', expected: identifier after ','");
  assert.equal(fails('=a'), "found '=', expected: !, identifier, or 'end of string'");
  assert.match(
    fails('-a=1'),
    /^unable to parse requirement: <nil>: Invalid value: "-a": name part must consist/,
  );
  assert.match(
    fails('a=-'),
    /^unable to parse requirement: values\[0\]\[a\]: Invalid value: "-": a valid label/,
  );
  assert.equal(
    fails('a>x'),
    `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
  );
});

test('selectorFromLabelSelector() selects nothing when absent and everything when empty', () => {
  assert.ok(!selectorFromLabelSelector(undefined).matches({}));
  assert.ok(selectorFromLabelSelector({}).empty);
  const selector = selectorFromLabelSelector({
    matchLabels: { b: '1' },
    matchExpressions: [{ key: 'a', operator: 'Exists' }],
  });
  assert.equal(selector.toString(), 'a,b=1');
  assert.throws(() => selectorFromLabelSelector({ matchExpressions: [{ key: 'a', operator: 'X' }] }), {
    message: '"X" is not a valid label selector operator',
  });
});

test('selectorFromSet() requires all pairs', () => {
  const selector = selectorFromSet({ b: '2', a: '1' });
  assert.equal(selector.toString(), 'a=1,b=2');
  assert.ok(!selector.matches({ a: '1' }));
});
