import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LabelIndex } from './label-index.ts';

test('LabelIndex.candidates() follows the hint that fewest fulfil', () => {
  const index = new LabelIndex();
  for (const name of ['c', 'a', 'b']) index.change(name, undefined, { app: 'web', [`only-${name}`]: 'yes' });
  const app = { name: 'app', values: ['web'] };
  assert.deepEqual(index.candidates([app], 3), ['a', 'b', 'c']);
  assert.equal(index.candidates([app], 2), undefined);
  assert.deepEqual(index.candidates([app, { name: 'only-b', values: ['yes'] }], 3), ['b']);
  assert.deepEqual(index.candidates([{ name: 'app', values: ['db'] }], 3), []);
});

test('LabelIndex.change() forgets labels that are no more', () => {
  const index = new LabelIndex();
  const app = (value: string): object => ({ name: 'app', values: [value] });
  index.change('a', undefined, { app: 'web', tier: 'x' });
  index.change('a', { app: 'web', tier: 'x' }, { app: 'db', tier: 'x' });
  assert.deepEqual(index.candidates([{ name: 'app', values: ['web', 'db', 'db'] }], 3), ['a']);
  assert.deepEqual(index.candidates([app('web') as never], 3), []);
  index.change('a', { app: 'db', tier: 'x' }, undefined);
  assert.deepEqual(index.candidates([{ name: 'tier', values: ['x'] }], 3), []);
});
