import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { openEmbeddedStore } from '@coxswain/store';
import { countFromEnvironment, SeededRandom, seedOfRun } from '../support/seeded-random.ts';

const cuts = countFromEnvironment('COX_CUTS', 150);
const writes = 120;
const random = new SeededRandom(seedOfRun());
const root = mkdtempSync(join(tmpdir(), 'coxswain-torn-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Files of a store as a loss of power finds them. */
const origin = join(root, 'origin');
const logName = 'store.db-wal';
/** Size of the write-ahead log when write `i` was acknowledged. */
const sizes: number[] = [];

before(async () => {
  const dir = join(root, 'live');
  const store = await openEmbeddedStore({ dir });
  for (let i = 0; i < writes; i++) {
    await store.create(`/k/${i}`, Buffer.alloc(random.below(9_000), i));
    sizes.push(statSync(join(dir, logName)).size);
  }
  cpSync(dir, origin, { recursive: true });
  await store.close();
});

/** Opens a copy whose log was changed, and gives how many writes it has: the first ones, whole, and no other. */
async function writesAfter(change: (path: string) => void): Promise<number> {
  const dir = join(root, 'copy');
  rmSync(dir, { recursive: true, force: true });
  cpSync(origin, dir, { recursive: true });
  // A machine that starts anew has no shared memory of the database's users.
  rmSync(join(dir, 'store.db-shm'), { force: true });
  change(join(dir, logName));
  const store = await openEmbeddedStore({ dir });
  const { kvs } = await store.range({ prefix: '/k/' });
  const found = kvs.map((kv) => kv.modRevision - 2).sort((a, b) => a - b);
  assert.deepEqual(found, [...found.keys()], 'the first writes, without a gap');
  assert.equal(store.revision, 1 + found.length);
  for (const kv of kvs) assert.ok(kv.value.every((byte) => byte === kv.modRevision - 2));
  assert.ok((await store.create('/new', Buffer.from('x'))).ok);
  await store.close();
  return found.length;
}

/** How many writes were acknowledged when the log had so many bytes. */
const acknowledgedAt = (size: number): number => sizes.filter((each) => each <= size).length;

it('a log that ends anywhere has all writes whose bytes were there, and opens', async () => {
  const whole = sizes[sizes.length - 1]!;
  for (let i = 0; i < cuts; i++) {
    const size = random.below(whole + 1);
    const found = await writesAfter((path) => truncateSync(path, size));
    assert.ok(
      found >= acknowledgedAt(size),
      `cut at ${size}: ${found} writes, ${acknowledgedAt(size)} were there`,
    );
  }
});

it('a log whose end was written in part, or with garbage, has all writes before it', async () => {
  const whole = sizes[sizes.length - 1]!;
  for (let i = 0; i < cuts; i++) {
    const size = random.below(whole);
    const found = await writesAfter((path) => {
      const tail = Buffer.alloc(1 + random.below(12_000), random.below(256));
      if (random.oneIn(2)) for (let at = 0; at < tail.length; at++) tail[at] = random.below(256);
      truncateSync(path, size);
      writeFileSync(path, tail, { flag: 'a' });
    });
    assert.ok(found >= acknowledgedAt(size), `garbage at ${size}: ${found} writes`);
  }
});
