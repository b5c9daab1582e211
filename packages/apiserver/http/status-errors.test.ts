import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newConflict } from '@coxswain/machinery';
import { statusOf } from './status-errors.ts';

test('statusOf() gives a Status as it is, a store that does not answer 504, and all else 500', () => {
  const conflict = newConflict({ group: '', resource: 'pods' }, 'a', 'changed');
  assert.equal(statusOf(conflict), conflict.status);
  const hung = Object.assign(new Error('context deadline exceeded'), { storeTimeout: true });
  assert.deepEqual([statusOf(hung).code, statusOf(hung).reason], [504, 'Timeout']);
  assert.deepEqual([statusOf(new Error('x')).code, statusOf(new Error('x')).message], [500, 'x']);
  assert.equal(statusOf(undefined).code, 500);
});
