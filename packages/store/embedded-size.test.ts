import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { type EmbeddedStore, openEmbeddedStore } from './embedded-store.ts';

const root = mkdtempSync(join(tmpdir(), 'coxswain-size-'));
after(() => rmSync(root, { recursive: true, force: true }));

const keys = 200;
const valueBytes = 2_000;
const rounds = 60;

/** Writes every key a few times; one in ten rounds leaves a key behind that is never written again. */
async function churn(store: EmbeddedStore, round: number): Promise<void> {
  const write = async (i: number): Promise<void> => {
    const key = `/k/${i}`;
    for (let n = 0; n < 3; n++) {
      const current = await store.get(key);
      const value = Buffer.alloc(1 + ((round * 7 + i * 13) % valueBytes), i);
      const result =
        current === undefined
          ? await store.create(key, value)
          : await store.update(key, value, current.modRevision);
      assert.ok(result.ok);
    }
    const now = await store.get(key);
    if (i % 3 === 0 && now !== undefined) assert.ok((await store.delete(key, now.modRevision)).ok);
  };
  await Promise.all(Array.from({ length: keys }, (_, i) => write(i)));
  if (round % 10 === 0) await store.create(`/kept/${round}`, Buffer.alloc(valueBytes));
}

it('a store whose keys are written over and over stops growing when its history is compacted', async () => {
  const dir = join(root, 'store');
  const store = await openEmbeddedStore({ dir });
  const sizeOf = (name: string): number => statSync(join(dir, name)).size;
  let before = store.revision;
  let half = 0;
  let largestLog = 0;
  for (let round = 0; round < rounds; round++) {
    await churn(store, round);
    // As the API server does: what was new at the last compaction is what goes now.
    if (before > store.compactedRevision) await store.compact(before);
    before = store.revision;
    largestLog = Math.max(largestLog, sizeOf('store.db-wal'));
    if (round === rounds / 2) half = sizeOf('store.db');
  }
  await store.compact(store.revision);
  assert.equal(store.sizeOnDisk(), sizeOf('store.db'));
  const live = keys * valueBytes;
  // Two rounds of history, four writes a key, pages that are a third full at worst.
  assert.ok(half < live * 2 * 4 * 3, `${half} bytes for ${live} of values`);
  assert.ok(sizeOf('store.db') <= half * 1.1, `it has grown from ${half} to ${sizeOf('store.db')} bytes`);
  assert.ok(largestLog < 16 * 2 ** 20, `the write-ahead log has grown to ${largestLog} bytes`);
  await store.close();

  const again = await openEmbeddedStore({ dir });
  assert.equal((await again.range({ prefix: '/kept/' })).count, rounds / 10);
  await churn(again, 0);
  assert.ok(sizeOf('store.db') <= half * 1.1);
  await again.close();
});
