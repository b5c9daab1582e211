import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statusPatch } from './status-patch.ts';

test('statusPatch() gives nothing when nothing differs', () => {
  assert.equal(statusPatch({ phase: 'Running' }, { phase: 'Running' }), undefined);
});

test('statusPatch() names what is gone when a field is taken away', () => {
  assert.deepEqual(statusPatch({ phase: 'Failed', reason: 'Evicted' }, { phase: 'Failed' }), {
    reason: null,
  });
});

test('statusPatch() sends the changed conditions alone, and what they lost', () => {
  const ready = { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'm' };
  const other = { type: 'example.com/gate', status: 'True' };
  const before = { conditions: [ready, other] };
  const after = { conditions: [{ type: 'Ready', status: 'True' }, other] };
  assert.deepEqual(statusPatch(before, after), {
    conditions: [{ type: 'Ready', status: 'True', reason: null, message: null }],
  });
});

test('statusPatch() replaces the addresses, which a merge would add up', () => {
  assert.deepEqual(statusPatch({ podIPs: [{ ip: '10.0.0.1' }] }, { podIPs: [{ ip: '10.0.0.2' }] }), {
    podIPs: [{ $patch: 'replace' }, { ip: '10.0.0.2' }],
  });
});
