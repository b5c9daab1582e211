import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Clock, systemClock } from '@coxswain/machinery';
import { TestListener } from '../http/testing-listener.ts';

/** A clock on which nothing takes no time: whoever looks at it finds it a tenth of a second later. */
function slowClock(): Clock {
  let passed = 0;
  const later = (): number => {
    passed += 100;
    return passed;
  };
  const began = systemClock.now();
  return {
    now: () => began + later(),
    monotonic: later,
    after: (ms, fn) => systemClock.after(ms, fn),
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
  };
}

const maps = '/api/v1/namespaces/default/configmaps';

describe('the audit events of slow requests', () => {
  const dir = mkdtempSync(join(tmpdir(), 'coxswain-audit-'));
  const path = join(dir, 'audit.log');
  let listener: TestListener;

  before(async () => {
    listener = await TestListener.start({
      clock: slowClock(),
      audit: {
        policy: { rules: [{ level: 'Metadata', resources: [{ group: '', resources: ['configmaps'] }] }] },
        log: {
          mode: 'blocking',
          batch: { bufferSize: 10, maxBatchSize: 1, maxBatchWaitMs: 0, concurrent: false },
          format: 'json',
          file: { path, maxAgeDays: 0, maxBackups: 0, maxSizeMegabytes: 0, compress: false },
        },
      },
    });
  });
  after(async () => {
    await listener.close();
    rmSync(dir, { recursive: true });
  });

  /** The parts that the last event names, sorted. */
  const parts = (): readonly string[] => {
    const last = readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) as string;
    const { annotations } = JSON.parse(last) as { annotations: Record<string, string> };
    const prefix = 'apiserver.latency.k8s.io/';
    return Object.keys(annotations)
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length))
      .sort();
  };

  const always = ['authentication', 'authorization', 'response-write', 'serialize-response-object', 'total'];

  test('name what took the time of a write', async () => {
    const body = JSON.stringify({ metadata: { name: 'a' } });
    const { code } = await listener.ask(maps, { method: 'POST', body });
    assert.equal(code, 201);
    assert.deepEqual(parts(), [...always, 'transform-response-object'].sort());
  });

  test('name what took the time of a read, and of one for somebody else', async () => {
    await listener.ask(`${maps}/a`);
    assert.deepEqual(parts(), [...always, 'transform-response-object'].sort());
    await listener.ask(`${maps}/a`, {
      headers: { 'impersonate-user': 'jane', 'impersonate-group': 'system:masters' },
    });
    assert.deepEqual(parts(), [...always, 'impersonation', 'transform-response-object'].sort());
  });

  test('name what took the time of a refusal', async () => {
    const { code } = await listener.ask(`${maps}/missing`);
    assert.equal(code, 404);
    assert.deepEqual(parts(), always);
  });
});
