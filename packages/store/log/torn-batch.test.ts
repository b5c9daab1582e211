import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import type { KeyValue } from '../contract.ts';
import { loadLog } from './load-log.ts';
import { LogReader } from './log-reader.ts';
import { LogValues } from './row-reader.ts';
import { type LogRow, SqliteLog } from './sqlite-log.ts';

const root = mkdtempSync(join(tmpdir(), 'coxswain-torn-batch-'));
after(() => rmSync(root, { recursive: true, force: true }));

const row = (revision: number): LogRow => {
  const value = Buffer.from(`value of ${revision}`);
  return { revision, key: `/k/${revision}`, value, createRevision: revision, due: 0 };
};

/** The files of a store as a loss of power leaves them, with so many bytes of the write-ahead log. */
function cut(origin: string, walBytes: number): string {
  const dir = join(root, 'cut');
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  const path = join(dir, 'store.db');
  copyFileSync(origin, path);
  copyFileSync(`${origin}-wal`, `${path}-wal`);
  truncateSync(`${path}-wal`, walBytes);
  return path;
}

function check({ key, value, modRevision }: Omit<KeyValue, 'createRevision'>): void {
  assert.deepEqual([key, Buffer.from(value).toString()], [`/k/${modRevision}`, `value of ${modRevision}`]);
}

/** The revision of a log as a snapshot is taken of it. */
function readRevision(path: string): number {
  const reader = new LogReader(path);
  try {
    for (const entry of reader.entries()) check(entry);
    assert.equal(reader.count, reader.revision - 1);
    return reader.revision;
  } finally {
    reader.close();
  }
}

/** The revision of a log as a store finds it at its start. */
function loadedRevision(path: string): number {
  const log = SqliteLog.open({ path });
  try {
    const { keyspace } = loadLog(log, new LogValues(path));
    for (const kv of keyspace.all()) check(kv);
    assert.equal(keyspace.size, keyspace.revision - 1);
    return keyspace.revision;
  } finally {
    log.close();
  }
}

it('a batch of many rows is there whole or not at all, wherever its bytes end', () => {
  const dir = join(root, 'origin');
  mkdirSync(dir);
  const live = SqliteLog.open({ path: join(dir, 'store.db') });
  live.append([row(2), row(3)]);
  const walOf = (path: string): number => statSync(`${path}-wal`).size;
  const before = walOf(join(dir, 'store.db'));
  const batch = Array.from({ length: 60 }, (_, i) => row(4 + i));
  live.append(batch);
  const origin = join(root, 'copy.db');
  copyFileSync(join(dir, 'store.db'), origin);
  copyFileSync(join(dir, 'store.db-wal'), `${origin}-wal`);
  live.close();
  const end = walOf(origin);
  assert.ok(end - before > 4_096, 'the batch takes more than one page');
  for (let bytes = before; bytes <= end; bytes++) {
    const expected = bytes < end ? 3 : 3 + batch.length;
    const path = cut(origin, bytes);
    assert.equal(readRevision(path), expected, `cut at ${bytes}`);
    // A start waits for the disk.
    if (bytes % 50 === 0 || bytes >= end - 1) assert.equal(loadedRevision(path), expected, `cut at ${bytes}`);
  }
});
