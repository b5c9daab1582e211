import assert from 'node:assert/strict';
import { it } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import { storeContractSuite } from './contract-suite.ts';
import { MemoryStore, restoreMemoryStore } from './memory-store.ts';
import { SnapshotError } from './snapshot/snapshot.ts';
import { snapshotStoreSuite } from './snapshot-store-suite.ts';

storeContractSuite('MemoryStore', async (clock) => new MemoryStore({ clock }));
snapshotStoreSuite('MemoryStore', async (clock) => new MemoryStore({ clock }));

const value = (text: string): Uint8Array => Buffer.from(text);

it('fork() gives a store that goes its own way', async () => {
  const store = new MemoryStore({ clock: new VirtualClock() });
  await store.create('/a', value('1'));
  const fork = store.fork();
  await fork.update('/a', value('fork'), 2);
  await store.create('/b', value('2'));
  assert.equal(String(await store.get('/a').then((kv) => kv?.value)), '1');
  assert.equal(String(await fork.get('/a').then((kv) => kv?.value)), 'fork');
  assert.equal(await fork.get('/b'), undefined);
  assert.deepEqual([store.revision, fork.revision], [3, 3]);
});

it('restoreMemoryStore() gives keys, revisions and leases as they were', async () => {
  const clock = new VirtualClock();
  const store = new MemoryStore({ clock });
  for (let i = 0; i < 500; i++) await store.create(`/k/${i}`, value(`v${i}`));
  await store.create('/e', value('event'), { leaseSeconds: 60 });
  await store.delete('/k/7', 9);
  const bytes = await store.snapshot();
  const restored = restoreMemoryStore(bytes, { clock });
  assert.deepEqual(await restored.range({ prefix: '' }), await store.range({ prefix: '' }));
  assert.equal(restored.revision, 503);
  assert.equal(restored.compactedRevision, 503);
  await clock.advance(120_000);
  assert.equal(await restored.get('/e'), undefined);
});

it('restoreMemoryStore() refuses a snapshot with a changed or missing byte', async () => {
  const store = new MemoryStore({ clock: new VirtualClock() });
  await store.create('/a', value('1'));
  const bytes = Buffer.from(await store.snapshot());
  const changed = Buffer.from(bytes);
  changed[30]! ^= 1;
  assert.throws(() => restoreMemoryStore(changed), SnapshotError);
  assert.throws(() => restoreMemoryStore(bytes.subarray(0, -1)), SnapshotError);
  assert.throws(() => restoreMemoryStore(value('nothing')), SnapshotError);
});

it('a write compacts history when it outgrows its bytes', async () => {
  const store = new MemoryStore({ clock: new VirtualClock(), historyBytes: 1_000 });
  for (let i = 0; i < 30; i++) await store.create(`/k/${i}`, new Uint8Array(100));
  assert.ok(store.compactedRevision > 1);
  assert.ok(store.revision - store.compactedRevision <= 10);
  assert.equal((await store.range({ prefix: '/k/' })).count, 30);
});
