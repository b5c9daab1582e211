import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { loadKubeconfig } from '@coxswain/client';
import { silentLogger, systemClock, VirtualClock } from '@coxswain/machinery';
import { startTestServer } from '../access/remote/testing-server.ts';
import { BatchSink } from './batch-sink.ts';
import type { AuditEvent } from './event.ts';
import { LogSink } from './log-sink.ts';
import { RotatingFile } from './rotating-file.ts';
import type { AuditSink } from './sink.ts';
import { TruncateSink } from './truncate-sink.ts';
import { WebhookSink } from './webhook-sink.ts';

const event = (auditID: string, more: Partial<AuditEvent> = {}): AuditEvent => ({
  level: 'RequestResponse',
  auditID,
  stage: 'ResponseComplete',
  requestURI: '/',
  verb: 'get',
  user: {},
  sourceIPs: [],
  requestReceivedTimestamp: '2026-01-01T00:00:00.000000Z',
  stageTimestamp: '2026-01-01T00:00:00.000000Z',
  ...more,
});

/** Keeps what it is given. */
class Recorder implements AuditSink {
  readonly batches: string[][] = [];
  readonly events: AuditEvent[] = [];
  process(events: readonly AuditEvent[]): boolean {
    this.batches.push(events.map((each) => each.auditID));
    this.events.push(...events);
    return true;
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

const noFault = (): void => assert.fail('no event may be lost');

describe('RotatingFile', () => {
  const folder = (): string => {
    const dir = mkdtempSync(join(tmpdir(), 'coxswain-audit-'));
    after(() => rmSync(dir, { recursive: true }));
    return dir;
  };
  const options = { maxAgeDays: 0, maxBackups: 0, maxSizeMegabytes: 1, compress: false };

  test('only its owner may read it, and a full one is moved aside', async () => {
    const dir = join(folder(), 'deep');
    const clock = new VirtualClock(Date.parse('2026-01-02T03:04:05.678Z'));
    const file = new RotatingFile({ ...options, path: join(dir, 'audit.log') }, clock, silentLogger);
    file.write('a'.repeat(1024 * 1024 - 1));
    file.write('b');
    file.write('c');
    await file.close();
    assert.deepEqual(readdirSync(dir).sort(), ['audit-2026-01-02T03-04-05.678.log', 'audit.log']);
    assert.equal(readFileSync(join(dir, 'audit.log'), 'utf8'), 'c');
    for (const name of readdirSync(dir)) assert.equal(statSync(join(dir, name)).mode & 0o777, 0o600);
    assert.equal(statSync(dir).mode & 0o777, 0o700);
  });

  test('refuses a line that no file can hold', async () => {
    const file = new RotatingFile({ ...options, path: join(folder(), 'a.log') }, systemClock, silentLogger);
    assert.throws(() => file.write('x'.repeat(1024 * 1024 + 1)), {
      message: 'write length 1048577 exceeds maximum file size 1048576',
    });
    await file.close();
  });

  test('goes on with the file that is there, compresses old ones and removes those that are too many or too old', async () => {
    const dir = folder();
    const old = (day: string): string => join(dir, `audit-2026-01-${day}T00-00-00.000.log`);
    for (const day of ['01', '08', '09', '10']) writeFileSync(old(day), day);
    writeFileSync(join(dir, 'audit-other.log'), 'kept');
    writeFileSync(join(dir, 'audit.log'), 'before ');
    const clock = new VirtualClock(Date.parse('2026-01-11T00:00:00Z'));
    const limits = { maxAgeDays: 5, maxBackups: 2, maxSizeMegabytes: 1, compress: true };
    const file = new RotatingFile({ ...limits, path: join(dir, 'audit.log') }, clock, silentLogger);
    file.write('after');
    await file.close();
    assert.deepEqual(readdirSync(dir).sort(), [
      'audit-2026-01-09T00-00-00.000.log.gz',
      'audit-2026-01-10T00-00-00.000.log.gz',
      'audit-other.log',
      'audit.log',
    ]);
    assert.equal(gunzipSync(readFileSync(`${old('10')}.gz`)).toString(), '10');
    assert.equal(readFileSync(join(dir, 'audit.log'), 'utf8'), 'before after');
  });
});

test('LogSink tells of what it cannot write', () => {
  const lost: string[] = [];
  const full = {
    write: () => {
      throw new Error('no space');
    },
    close: () => Promise.resolve(),
  };
  const sink = new LogSink(full, 'json', (plugin, error) =>
    lost.push(`${plugin}: ${(error as Error).message}`),
  );
  assert.equal(sink.process([event('a')]), false);
  assert.deepEqual(lost, ['log: no space']);
});

describe('BatchSink', () => {
  const options = { bufferSize: 5, maxBatchSize: 3, maxBatchWaitMs: 30_000, concurrent: true };

  test('hands on full batches at once and others when their time has come', async () => {
    const [clock, to] = [new VirtualClock(), new Recorder()];
    const sink = new BatchSink(to, options, clock, noFault);
    for (const id of ['a', 'b', 'c', 'd']) sink.process([event(id)]);
    assert.deepEqual(to.batches, [['a', 'b', 'c']]);
    await clock.advance(30_000);
    assert.deepEqual(to.batches, [['a', 'b', 'c'], ['d']]);
    sink.process([event('e')]);
    await sink.close();
    assert.deepEqual(to.batches.at(-1), ['e']);
  });

  test('holds batches back and drops what does not fit', async () => {
    const [clock, to, lost] = [new VirtualClock(), new Recorder(), [] as string[]];
    const throttle = { qps: 1, burst: 1 };
    const sink = new BatchSink(to, { ...options, maxBatchSize: 1, throttle }, clock, (_plugin, why, events) =>
      lost.push(...events.map((each) => `${each.auditID}: ${why}`)),
    );
    for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) sink.process([event(id)]);
    assert.deepEqual(to.batches, [['a']]);
    assert.deepEqual(lost, ['g: audit buffer queue blocked']);
    await clock.advance(2_000);
    assert.deepEqual(to.batches, [['a'], ['b'], ['c']]);
    await sink.close();
    assert.deepEqual(to.batches.flat(), ['a', 'b', 'c', 'd', 'e', 'f']);
  });
});

test('TruncateSink takes out objects, splits batches and drops what is too large all the same', () => {
  const [to, lost] = [new Recorder(), [] as string[]];
  const sink = new TruncateSink(to, { maxEventSize: 1000, maxBatchSize: 1500 }, (_plugin, _why, events) =>
    lost.push(...events.map((each) => each.auditID)),
  );
  const large = JSON.stringify('x'.repeat(1000));
  const events = [event('a', { requestObject: large }), event('b', { userAgent: 'x'.repeat(1000) })];
  sink.process([...events, ...['c', 'd', 'e', 'f', 'g'].map((id) => event(id))]);
  assert.deepEqual(lost, ['b']);
  assert.deepEqual(to.batches.flat(), ['a', 'c', 'd', 'e', 'f', 'g']);
  assert.ok(to.batches.length > 1);
  assert.equal(to.events[0]?.requestObject, undefined);
  assert.deepEqual(to.events[0]?.annotations, { 'audit.k8s.io/truncated': 'true' });
});

describe('WebhookSink', () => {
  test('sends an EventList, again where the server fails or refuses it, and gives up in the end', async () => {
    const server = await startTestServer();
    after(() => server.close());
    const lost: string[] = [];
    const endpoint = loadKubeconfig(server.kubeconfig('/audit'));
    const sink = new WebhookSink({ endpoint, initialBackoffMs: 1 }, systemClock, Math.random, (_p, error) =>
      lost.push((error as Error).message),
    );
    let failures = 2;
    server.answers.set('/audit', () => ({ status: failures-- > 0 ? 500 : 200, body: {} }));
    assert.equal(await sink.process([event('a'), event('b')]), true);
    assert.equal(server.asked('/audit').length, 3);
    assert.equal(server.asked('/audit')[2].kind, 'EventList');
    assert.deepEqual(
      server.asked('/audit')[2].items.map((item: AuditEvent) => item.auditID),
      ['a', 'b'],
    );
    server.answers.set('/audit', () => ({ status: 400, body: {} }));
    assert.equal(await sink.process([event('c')]), false);
    assert.equal(server.asked('/audit').length, 3 + 5);
    assert.deepEqual(lost, ['the server responded with the status code 400']);
    await sink.close();
  });
});
