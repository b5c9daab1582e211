import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseQuery } from './query.ts';

test('parseQuery() decodes names and values and keeps the first of several', () => {
  const { values } = parseQuery('labelSelector=app%20in%20(a)&limit=2&limit=3&x=a+b&flag');
  assert.deepEqual({ ...values }, { labelSelector: 'app in (a)', limit: '2', x: 'a b', flag: '' });
});

test('parseQuery() takes any watch but false and 0 for true', () => {
  assert.equal(parseQuery('watch').watch, true);
  assert.equal(parseQuery('watch=1').watch, true);
  assert.equal(parseQuery('watch=false').watch, false);
  assert.equal(parseQuery('watch=0').watch, false);
  assert.equal(parseQuery('').watch, false);
});

test('parseQuery() leaves out what Go cannot read', () => {
  for (const text of ['a=%zz', 'a=%', 'a=%4', '%zz=a', 'a=b;c', 'a;b=c'])
    assert.deepEqual({ ...parseQuery(`${text}&x=1`).values }, { x: '1' }, text);
  assert.equal(parseQuery('a=%zz&a=b').values['a'], 'b');
});

test('parseQuery() gives bytes that are no UTF-8 as replacement characters', () => {
  assert.equal(parseQuery('a=%ffé%C3%A9%e2%80+').values['a'], '\ufffdéé\ufffd\ufffd ');
});
