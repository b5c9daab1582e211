import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGone, type KubeObject, VirtualClock } from '@coxswain/machinery';
import { MemoryStore } from '@coxswain/store';
import { encodeStored } from './encode.ts';
import { type ListRequest, listEntries } from './lists/list-entries.ts';
import type { CacheEvent } from './resource-cache.ts';
import { WatchCache } from './watch-cache.ts';

const maps = { group: '', resource: 'configmaps', namespaced: true };
const map = (name: string, data: Record<string, string> = {}): KubeObject => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name, namespace: 'a' },
  data,
});

async function started() {
  const clock = new VirtualClock();
  const store = new MemoryStore({ clock });
  const put = (name: string, namespace = 'a') =>
    store.create(`/registry/configmaps/${namespace}/${name}`, encodeStored(map(name)));
  await put('before');
  const watchCache = new WatchCache(store, clock);
  await watchCache.start(() => {});
  return { clock, store, put, watchCache, cache: watchCache.resource(maps) };
}

const all: ListRequest = {
  namespace: '',
  name: '',
  limit: 0,
  continue: '',
  resourceVersion: '',
  resourceVersionMatch: '',
};

test('WatchCache holds what was there at its start and what came after', async () => {
  const { put, watchCache, cache } = await started();
  await put('after');
  const { entries, revision } = await listEntries(watchCache, cache, all);
  assert.deepEqual(
    entries.map((entry) => entry.object.metadata.name),
    ['after', 'before'],
  );
  assert.equal(revision, watchCache.revision);
});

test('ResourceCache tells subscribers of a namespace only what happens there', async () => {
  const { put, cache } = await started();
  const seen: CacheEvent[] = [];
  const stop = cache.subscribe({ namespace: 'b' }, (event) => seen.push(event));
  await put('x', 'a');
  await put('y', 'b');
  stop();
  await put('z', 'b');
  assert.deepEqual(
    seen.map((event) => event.entry.key),
    ['/registry/configmaps/b/y'],
  );
});

test('listEntries() pages through one state while others write', async () => {
  const { put, watchCache, cache } = await started();
  for (const name of ['m1', 'm2', 'm3']) await put(name);
  const first = await listEntries(watchCache, cache, { ...all, limit: 2 });
  assert.equal(first.remaining, 2);
  await put('m0');
  const second = await listEntries(watchCache, cache, { ...all, limit: 2, continue: first.continue ?? '' });
  assert.deepEqual(
    [...first.entries, ...second.entries].map((entry) => cache.nameOf(entry.key)),
    ['before', 'm1', 'm2', 'm3'],
  );
  assert.equal(second.continue, undefined);
  assert.equal(second.revision, first.revision);
});

test('listEntries() offers a new token when the state of the old one is gone', async () => {
  const { store, put, watchCache, cache } = await started();
  await put('m1');
  const { continue: token = '' } = await listEntries(watchCache, cache, { ...all, limit: 1 });
  await put('m0');
  await store.compact(store.revision);
  await assert.rejects(listEntries(watchCache, cache, { ...all, limit: 1, continue: token }), (error) => {
    assert.ok(isGone(error));
    assert.ok(typeof error.status.metadata['continue'] === 'string');
    return true;
  });
});

test('listEntries() waits three seconds for a revision that does not come', async () => {
  const { clock, watchCache, cache } = await started();
  const listing = listEntries(watchCache, cache, { ...all, resourceVersion: '999' });
  const refused = assert.rejects(listing, /Timeout: Too large resource version: 999, current: 2/);
  await clock.advance(3000);
  await refused;
});

test('ResourceCache tells the others when one subscriber fails', async () => {
  const { put, cache } = await started();
  let told = 0;
  cache.subscribe({ namespace: '' }, () => {
    throw new Error('broken');
  });
  cache.subscribe({ namespace: '' }, () => told++);
  await put('x');
  assert.equal(told, 1);
});
