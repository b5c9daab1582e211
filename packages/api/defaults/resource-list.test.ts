import assert from 'node:assert/strict';
import { it } from 'node:test';
import { roundResourceList } from './resource-list.ts';

it('roundResourceList() rounds what is finer than a thousandth up', () => {
  const list = { cpu: '100u', memory: '1Gi', storage: '1500001n', pods: '3' };
  roundResourceList(list);
  assert.deepEqual(list, { cpu: '1m', memory: '1Gi', storage: '2m', pods: '3' });
});
