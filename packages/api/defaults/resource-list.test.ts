import assert from 'node:assert/strict';
import { it } from 'node:test';
import { roundResourceList } from './resource-list.ts';

it('roundResourceList() rounds what is finer than a thousandth up', () => {
  const list = { cpu: '100u', memory: '1Gi', storage: '1500001n', pods: '3' };
  roundResourceList(list);
  assert.deepEqual(list, { cpu: '1m', memory: '1Gi', storage: '2m', pods: '3' });
  const kept = { cpu: '1.500', memory: '1.234567', storage: '12.345m', pods: '1e-6' };
  roundResourceList(kept);
  assert.deepEqual(kept, { cpu: '1.500', memory: '1235m', storage: '13m', pods: '1e-3' });
});
