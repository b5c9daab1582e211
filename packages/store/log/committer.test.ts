import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Committer } from './committer.ts';
import { type LogRow, SqliteLog } from './sqlite-log.ts';

const value = new Uint8Array(1_000).fill(7);

function row(revision: number): LogRow {
  return { revision, key: `/key/${revision}`, value, createRevision: revision, due: 0 };
}

test('rows are in order whichever thread wrote them, and what SQLite logs stays small', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'coxswain-committer-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'log');
  const places = { held: 0, thread: 0 };
  const committer = new Committer(SqliteLog.open({ path }), (error) => assert.fail(String(error)), {
    mayHold: () => true,
    note: (_took, held) => void places[held ? 'held' : 'thread']++,
  });
  let revision = 0;
  // The thread takes over some time after it was begun.
  while (places.held === 0) {
    await committer.append([row(++revision)]);
    await new Promise((resolve) => setImmediate(resolve));
  }
  for (let i = 0; i < 3_000; i++) {
    const rows = i % 10 === 0 ? [row(++revision), row(++revision)] : [row(++revision)];
    await committer.append(rows);
    if (i % 500 === 499) await committer.compact(revision - 100, [revision - 200], 0);
  }
  assert.ok(places.held > 2_000, `${places.held} by the caller`);
  const { size } = statSync(`${path}-wal`);
  assert.ok(size < 8 * 2 ** 20, `${size} bytes`);
  await committer.close();
  const log = SqliteLog.open({ path });
  const found: number[] = [];
  log.read(({ revision: read }) => void found.push(read));
  log.close();
  assert.equal(found.length, revision - 6);
  assert.deepEqual(
    found,
    found.toSorted((a, b) => a - b),
  );
  assert.equal(found.at(-1), revision);
});
