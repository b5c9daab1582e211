import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { systemClock } from '@coxswain/machinery';
import { type LogOptions, readContainerLog } from './container-logs.ts';
import { tailLog } from './log-reader.ts';
import { rotateIfLarge } from './log-rotation.ts';

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cox-logs-'));
  path = join(dir, '0.log');
});
afterEach(() => rm(dir, { recursive: true }));

const log = [
  '2026-01-01T00:00:01.000000001Z stdout F one',
  '2026-01-01T00:00:02.000000001Z stderr F two',
  '2026-01-01T00:00:03.000000001Z stdout P thr',
  '2026-01-01T00:00:03.000000002Z stdout F ee',
  '2026-01-01T00:00:04.000000001Z stdout F four',
  '',
].join('\n');

const plain: LogOptions = { follow: false, timestamps: false, stream: 'All' };

async function read(options: Partial<LogOptions>): Promise<string> {
  const parts: Buffer[] = [];
  const signal = new AbortController().signal;
  const stream = readContainerLog(path, { ...plain, ...options }, systemClock, async () => false, signal);
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

for (const [options, want] of [
  [{}, 'one\ntwo\nthree\nfour\n'],
  [{ tailLines: 1 }, 'four\n'],
  [{ tailLines: 0 }, ''],
  [{ tailLines: 100 }, 'one\ntwo\nthree\nfour\n'],
  [{ limitBytes: 5 }, 'one\nt'],
  [{ stream: 'Stderr' }, 'two\n'],
  [{ since: Date.parse('2026-01-01T00:00:03Z') }, 'three\nfour\n'],
  [
    { timestamps: true, since: Date.parse('2026-01-01T00:00:03Z') },
    '2026-01-01T00:00:03.000000001Z three\n2026-01-01T00:00:04.000000001Z four\n',
  ],
] as const) {
  test(`readContainerLog() gives ${JSON.stringify(want)} when asked with ${JSON.stringify(options)}`, async () => {
    await writeFile(path, log);
    assert.equal(await read(options), want);
  });
}

test('readContainerLog() goes on with what is written, through a rotation, until the container ends', async () => {
  await writeFile(path, log);
  let running = true;
  const signal = new AbortController().signal;
  const options = { ...plain, follow: true, tailLines: 1 };
  const stream = readContainerLog(path, options, systemClock, async () => running, signal);
  const next = async (): Promise<string> => ((await stream.next()).value as Buffer).toString();
  assert.equal(await next(), 'four\n');
  await appendFile(path, '2026-01-01T00:00:05Z stdout F five\n');
  assert.equal(await next(), 'five\n');
  await rename(path, `${path}.old`);
  await writeFile(path, '2026-01-01T00:00:06Z stdout F six\n');
  assert.equal(await next(), 'six\n');
  await appendFile(path, '2026-01-01T00:00:07Z stdout F seven\n');
  running = false;
  assert.equal(await next(), 'seven\n');
  assert.equal((await stream.next()).done, true);
});

test('tailLog() gives the last lines within the bytes, and nothing when there is no log', async () => {
  assert.equal(await tailLog(path, 10, 100), '');
  await writeFile(path, log);
  assert.equal(await tailLog(path, 1, 100), 'four\n');
  assert.equal(await tailLog(path, 10, 8), 'ee\nfour\n');
});

test('rotateIfLarge() moves a large log, compresses older ones and keeps so many', async () => {
  let reopened = 0;
  const reopen = async (): Promise<void> => {
    reopened++;
    await writeFile(path, 'x'.repeat(100));
  };
  await writeFile(path, 'x'.repeat(10));
  await rotateIfLarge(path, 100, 0, reopen);
  assert.equal(reopened, 0);
  for (let i = 0; i < 8; i++) {
    await writeFile(path, 'x'.repeat(100));
    await rotateIfLarge(path, 100, i * 1000, reopen);
  }
  assert.equal(reopened, 8);
  const names = (await readdir(dir)).sort();
  assert.equal(names.length, 5);
  assert.ok(names.includes('0.log') && names.includes('0.log.19700101-000007'));
  assert.equal(names.filter((n) => n.endsWith('.gz')).length, 3);
});

test('rotateIfLarge() gives the log its name back when the runtime does not reopen it', async () => {
  await writeFile(path, 'x'.repeat(100));
  await assert.rejects(
    rotateIfLarge(path, 10, 0, () => Promise.reject(new Error('down'))),
    /down/,
  );
  assert.equal((await readFile(path, 'utf8')).length, 100);
});
