import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { VirtualClock } from '@coxswain/machinery';
import { DataDirError, type KeyValue } from '../contract.ts';
import { openEmbeddedStore } from '../embedded-store.ts';
import { restoreSnapshot } from './restore-snapshot.ts';
import { saveSnapshot, snapshotStatus } from './save-snapshot.ts';
import { SnapshotError } from './snapshot.ts';

const root = mkdtempSync(join(tmpdir(), 'coxswain-snapshot-'));
after(() => rmSync(root, { recursive: true, force: true }));
let names = 0;
const newPath = (): string => join(root, String(++names));

/** Values by their hashes: a difference of megabytes is shown for ever. */
const shown = (kvs: readonly KeyValue[]): string[] =>
  kvs.map(
    ({ key, value, createRevision, modRevision }) =>
      `${key} ${createRevision}/${modRevision} ${createHash('sha1').update(value).digest('hex')}`,
  );
const contents = async (dir: string, clock = new VirtualClock()): Promise<readonly KeyValue[]> => {
  const store = await openEmbeddedStore({ dir, clock });
  const { kvs } = await store.range({ prefix: '' });
  await store.close();
  return kvs;
};

it('saveSnapshot() and restoreSnapshot() carry keys, revisions and leases from a store in use to a new one', async () => {
  const dir = newPath();
  const clock = new VirtualClock();
  const store = await openEmbeddedStore({ dir, clock });
  for (let i = 0; i < 300; i++) {
    const value = Buffer.alloc(i === 7 ? 3_000_000 : 5_000, i);
    await store.create(`/k/${i}`, value, i === 9 ? { leaseSeconds: 60 } : {});
  }
  await store.update('/k/ü', Buffer.from('x'), 1);
  await store.create('/k/ü', Buffer.from(''));
  await store.delete('/k/3', 5);
  await store.compact(100);
  const there = await store.range({ prefix: '' });
  const path = newPath();
  const saved = saveSnapshot(dir, path);
  assert.deepEqual([saved.revision, saved.keys, saved.bytes], [303, 300, statSync(path).size]);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(snapshotStatus(path), saved);
  await store.create('/later', Buffer.from('x'));
  await store.close();

  const restored = newPath();
  assert.deepEqual(restoreSnapshot(path, restored), saved);
  const again = await openEmbeddedStore({ dir: restored, clock });
  assert.deepEqual([again.revision, again.compactedRevision], [303, 303]);
  assert.deepEqual(shown((await again.range({ prefix: '' })).kvs), shown(there.kvs));
  assert.equal((await again.create('/later', Buffer.from('y'))).revision, 304);
  await clock.advance(62_000);
  while ((await again.get('/k/9')) !== undefined) await new Promise((resolve) => setImmediate(resolve));
  await again.close();
  assert.equal((await contents(restored, clock)).length, 300);
});

it('an empty store is saved, and restored with a higher revision where that is wanted', async () => {
  const empty = newPath();
  await (await openEmbeddedStore({ dir: empty })).close();
  const path = newPath();
  assert.deepEqual([saveSnapshot(empty, path).revision, snapshotStatus(path).keys], [1, 0]);
  const restored = newPath();
  restoreSnapshot(path, restored, { bumpRevision: 1_000 });
  const store = await openEmbeddedStore({ dir: restored });
  assert.equal((await store.create('/a', Buffer.from('x'))).revision, 1_002);
  await store.close();
});

it('saveSnapshot() beside a process that writes has all that it acknowledged before, as of one revision', async () => {
  const dir = newPath();
  const fixture = fileURLToPath(new URL('../crash-writer.fixture.ts', import.meta.url));
  const child = spawn(process.execPath, [fixture, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const reading = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (lines.length % 1_000 !== 0) continue;
      const acknowledged = Math.max(...lines.slice(1).map((each) => Number(each.split(' ')[0])));
      const path = newPath();
      const { revision, keys } = saveSnapshot(dir, path);
      assert.ok(revision >= acknowledged, `${revision} is not before ${acknowledged}`);
      const restored = newPath();
      restoreSnapshot(path, restored);
      const kvs = await contents(restored);
      assert.equal(kvs.length, keys);
      assert.ok(kvs.every((kv) => kv.modRevision <= revision));
      if (lines.length >= 4_000) child.kill('SIGKILL');
    }
  })();
  await once(child, 'exit');
  await reading;
  const saved = saveSnapshot(dir, newPath());
  const there = await contents(dir);
  assert.equal(saved.keys, there.length);
});

it('a snapshot with a changed, missing or further byte is refused, and nothing is made of it', async () => {
  const dir = newPath();
  const store = await openEmbeddedStore({ dir });
  await store.create('/a', Buffer.from('some value'));
  await store.close();
  const path = newPath();
  saveSnapshot(dir, path);
  const whole = readFileSync(path);
  const folder = newPath();
  mkdirSync(folder);
  const bad = newPath();
  const refused = (bytes: Uint8Array): void => {
    writeFileSync(bad, bytes);
    assert.throws(() => snapshotStatus(bad), SnapshotError);
    assert.throws(() => restoreSnapshot(bad, join(folder, 'store')), SnapshotError);
  };
  for (let at = 0; at < whole.length; at++) {
    const changed = Buffer.from(whole);
    changed[at]! ^= 1;
    refused(changed);
    refused(whole.subarray(0, at));
  }
  refused(Buffer.concat([whole, Buffer.alloc(1)]));
  assert.deepEqual(readdirSync(folder), []);
});

it('restoreSnapshot() refuses a folder in use, saveSnapshot() one that is no store', async () => {
  const dir = newPath();
  await (await openEmbeddedStore({ dir })).close();
  const path = newPath();
  saveSnapshot(dir, path);
  const foreign = (error: unknown): boolean =>
    error instanceof DataDirError && error.code === 'DATA_DIR_FOREIGN';
  assert.throws(() => restoreSnapshot(path, dir), foreign);
  const other = newPath();
  mkdirSync(other);
  assert.throws(() => saveSnapshot(other, newPath()), foreign);
  writeFileSync(join(other, 'store.db'), 'something else that is no database at all');
  assert.throws(() => saveSnapshot(other, newPath()), DataDirError);
  assert.deepEqual(
    readdirSync(root).filter((name) => name.startsWith('.')),
    [],
  );
});
