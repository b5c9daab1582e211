import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import { CompactedError, StoreWriteError } from './contract.ts';
import { storeContractSuite } from './contract-suite.ts';
import { type EmbeddedStore, openEmbeddedStore } from './embedded-store.ts';
import { snapshotStoreSuite } from './snapshot-store-suite.ts';

const root = mkdtempSync(join(tmpdir(), 'coxswain-store-'));
after(() => rmSync(root, { recursive: true, force: true }));
let dirs = 0;
const newDir = (): string => join(root, String(++dirs));
const value = (text: string): Uint8Array => Buffer.from(text);

storeContractSuite('EmbeddedStore', (clock) => openEmbeddedStore({ dir: newDir(), clock }));
snapshotStoreSuite('EmbeddedStore', (clock) => openEmbeddedStore({ dir: newDir(), clock }));

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

/** Writes each of 100 keys so many times, all at once. */
async function churn(store: EmbeddedStore, times: number): Promise<void> {
  const writer = async (key: string): Promise<void> => {
    let last = (await store.get(key))?.modRevision;
    for (let i = 0; i < times; i++) {
      const big = new Uint8Array(2_000);
      const result = await (last === undefined ? store.create(key, big) : store.update(key, big, last));
      assert.ok(result.ok);
      last = result.revision;
    }
  };
  await Promise.all(Array.from({ length: 100 }, (_, i) => writer(`/k/${i}`)));
}

it('compact() survives a restart and its space is used again', async () => {
  const dir = newDir();
  const store = await openEmbeddedStore({ dir });
  await churn(store, 20);
  await store.compact(2_001);
  const pages = await pagesOf(store, dir);
  assert.ok(pages.free > pages.all / 2, `${pages.free} of ${pages.all} pages are free`);

  const again = await openEmbeddedStore({ dir });
  assert.deepEqual([again.revision, again.compactedRevision], [2_001, 2_001]);
  assert.equal((await again.range({ prefix: '' })).count, 100);
  assert.throws(
    () => again.watch({ prefix: '', afterRevision: 2_000, onEvents: () => {}, onEnd: () => {} }),
    CompactedError,
  );
  await churn(again, 10);
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

it('a full disk refuses writes, keeps what is there, and takes writes again when there is room', async () => {
  const dir = newDir();
  const store = await openEmbeddedStore({ dir, maxBytes: 400_000 });
  const big = new Uint8Array(2_000);
  let written = 0;
  const fill = async (): Promise<void> => {
    for (;;) {
      const results = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) => store.create(`/k/${written + i}`, big)),
      );
      const refused = results.find((result) => result.status === 'rejected');
      if (refused !== undefined) throw refused.reason;
      written += 8;
    }
  };
  await assert.rejects(fill(), (error) => {
    assert.ok(error instanceof StoreWriteError);
    assert.match(error.message, /write to the data dir: .*full/);
    return true;
  });
  assert.ok(written > 50);
  assert.deepEqual([store.revision, (await store.range({ prefix: '/k/' })).count], [written + 1, written]);
  await store.close();

  const roomier = await openEmbeddedStore({ dir, maxBytes: 800_000 });
  assert.equal((await roomier.range({ prefix: '/k/' })).count, written);
  for (let i = 0; i < written; i++) await roomier.delete(`/k/${i}`, i + 2);
  await roomier.compact(roomier.revision);
  await roomier.close();

  const small = await openEmbeddedStore({ dir, maxBytes: 400_000 });
  for (let i = 0; i < 20; i++) assert.ok((await small.create(`/again/${i}`, big)).ok);
  await small.close();
});
