import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import { CompactedError } from './contract.ts';
import { storeContractSuite } from './contract-suite.ts';
import { type EmbeddedStore, openEmbeddedStore } from './embedded-store.ts';

const root = mkdtempSync(join(tmpdir(), 'coxswain-store-'));
after(() => rmSync(root, { recursive: true, force: true }));
let dirs = 0;
const newDir = (): string => join(root, String(++dirs));
const value = (text: string): Uint8Array => Buffer.from(text);

storeContractSuite('EmbeddedStore', (clock) => openEmbeddedStore({ dir: newDir(), clock }));

async function dump(store: EmbeddedStore): Promise<string[]> {
  const { kvs } = await store.range({ prefix: '' });
  return kvs.map((kv) => `${kv.key}=${Buffer.from(kv.value)}@${kv.createRevision}/${kv.modRevision}`);
}

it('a store opened again has keys, revisions, history and leases as they were', async () => {
  const dir = newDir();
  const clock = new VirtualClock();
  const store = await openEmbeddedStore({ dir, clock });
  await store.create('/a', value('1'));
  await store.update('/a', value('2'), 2);
  await store.create('/b', value('x'));
  await store.delete('/b', 4);
  await store.create('/e', value('event'), { leaseSeconds: 60 });
  const before = await dump(store);
  await store.close();

  const again = await openEmbeddedStore({ dir, clock });
  assert.deepEqual(await dump(again), before);
  assert.deepEqual([again.revision, again.compactedRevision], [6, 0]);
  const seen: string[] = [];
  again.watch({
    prefix: '/',
    afterRevision: 2,
    onEvents: (events) => {
      for (const event of events) {
        const previous = event.type === 'put' ? event.previous : undefined;
        seen.push(`${event.type} ${event.kv.key} ${previous && Buffer.from(previous.value)}`);
      }
    },
    onEnd: () => {},
  });
  const created = await again.create('/c', value('y'));
  assert.equal(created.revision, 7);
  assert.deepEqual(seen, [
    'put /a 1',
    'put /b undefined',
    'delete /b undefined',
    'put /e undefined',
    'put /c undefined',
  ]);
  await clock.advance(61_000);
  while ((await again.get('/e')) !== undefined) await new Promise((resolve) => setImmediate(resolve));
  await again.close();
});

it('compact() survives a restart and its space is used again', async () => {
  const dir = newDir();
  const store = await openEmbeddedStore({ dir });
  const big = new Uint8Array(2_000);
  await store.create('/a', big);
  for (let i = 0; i < 3_000; i++) await store.update('/a', big, i + 2);
  await store.create('/b', big);
  await store.delete('/b', 3_003);
  await store.compact(3_004);
  const pages = await pagesOf(store, dir);
  assert.ok(pages.free > pages.all / 2, `${pages.free} of ${pages.all} pages are free`);

  const again = await openEmbeddedStore({ dir });
  assert.deepEqual([again.revision, again.compactedRevision], [3_004, 3_004]);
  assert.equal((await again.range({ prefix: '' })).count, 1);
  assert.throws(
    () => again.watch({ prefix: '', afterRevision: 3_000, onEvents: () => {}, onEnd: () => {} }),
    CompactedError,
  );
  let revision = 3_002;
  for (let i = 0; i < 1_000; i++) {
    revision = (await again.update('/a', big, revision)).revision;
  }
  assert.equal((await pagesOf(again, dir)).all, pages.all);
});

/** Closes the store and counts the pages of its file. */
async function pagesOf(store: EmbeddedStore, dir: string): Promise<{ all: number; free: number }> {
  await store.close();
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(join(dir, 'store.db'));
  const all = Number(db.prepare('PRAGMA page_count').get()?.['page_count']);
  const free = Number(db.prepare('PRAGMA freelist_count').get()?.['freelist_count']);
  db.close();
  return { all, free };
}

it('writes under way when the store closes are done, later ones refused', async () => {
  const dir = newDir();
  const store = await openEmbeddedStore({ dir });
  const writes = Array.from({ length: 100 }, (_, i) => store.create(`/k/${i}`, value('x')));
  const closed = store.close();
  await assert.rejects(store.create('/late', value('x')), /closed/);
  assert.ok((await Promise.all(writes)).every((result) => result.ok));
  await closed;
  const again = await openEmbeddedStore({ dir });
  assert.equal((await again.range({ prefix: '/k/' })).count, 100);
  await again.close();
});

it('snapshot() and fork() give the durable state, and a snapshot begins another store', async () => {
  const store = await openEmbeddedStore({ dir: newDir() });
  for (let i = 0; i < 50; i++)
    await store.create(`/k/${i}`, value(String(i)), i === 7 ? { leaseSeconds: 3_600 } : {});
  await store.delete('/k/3', 5);
  const bytes = await store.snapshot();
  const fork = store.fork();
  await fork.create('/fork', value('x'));
  assert.equal(await store.get('/fork'), undefined);

  const dir = newDir();
  const restored = await openEmbeddedStore({ dir, snapshot: bytes });
  assert.deepEqual(await dump(restored), await dump(store));
  assert.equal(restored.revision, store.revision);
  await restored.close();
  await assert.rejects(openEmbeddedStore({ dir, snapshot: bytes }), /only into a new folder/);
  const again = await openEmbeddedStore({ dir });
  assert.deepEqual(await dump(again), await dump(store));
  await again.close();
  await store.close();
});

it('history is compacted by itself when it outgrows its bytes', async () => {
  const store = await openEmbeddedStore({ dir: newDir(), historyBytes: 20_000 });
  for (let i = 0; i < 100; i++) await store.create(`/k/${i}`, new Uint8Array(1_000));
  assert.ok(store.compactedRevision > 70);
  assert.equal((await store.range({ prefix: '/k/' })).count, 100);
  await store.close();
});
