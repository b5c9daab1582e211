import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadlineIn } from './decide-job.ts';

const start = '2026-01-01T00:00:00Z';
const job = (activeDeadlineSeconds: unknown) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j' },
  spec: { activeDeadlineSeconds },
  status: { startTime: start },
});

test('deadlineIn() counts from the start, also with deadlines that no double holds', () => {
  const now = Date.parse(start) + 4_000;
  assert.equal(deadlineIn(job(10), now), 6_000);
  assert.equal(deadlineIn(job(3), now), 0);
  assert.equal(deadlineIn(job(undefined), now), undefined);
  assert.ok((deadlineIn(job(9007199254740993n), now) as number) > 2 ** 53);
});
