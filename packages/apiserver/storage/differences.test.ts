import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import {
  CompactedError,
  eventRevision,
  type KeyValue,
  MemoryStore,
  type WatchRequest,
} from '@coxswain/store';
import { differences } from './differences.ts';
import { WatchCache } from './watch-cache.ts';

const kv = (key: string, createRevision: number, modRevision: number): KeyValue => ({
  key,
  value: Buffer.from(String(modRevision)),
  createRevision,
  modRevision,
});

test('differences() tells what was made, changed, deleted and made anew, in revision order', () => {
  const before = [kv('/same', 1, 2), kv('/changed', 1, 3), kv('/gone', 1, 4), kv('/anew', 1, 5)];
  const now = [kv('/same', 1, 2), kv('/changed', 1, 12), kv('/anew', 9, 10), kv('/new', 7, 7)];
  assert.deepEqual(
    differences(before, now, 15).map((event) => `${event.type} ${event.kv.key} ${eventRevision(event)}`),
    ['put /new 7', 'delete /anew 8', 'put /anew 10', 'put /changed 12', 'delete /gone 15'],
  );
});

test('WatchCache.resume() tells subscribers what happened while the store could not be watched', async () => {
  /** A store whose first watch hears nothing. */
  class Severed extends MemoryStore {
    severed: WatchRequest | undefined;
    override watch(request: WatchRequest) {
      if (this.severed !== undefined) return super.watch(request);
      this.severed = request;
      return { close: () => undefined };
    }
  }
  const store = new Severed({ clock: new VirtualClock() });
  const object = (name: string): Buffer =>
    Buffer.from(JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name } }));
  await store.create('/registry/configmaps/default/gone', object('gone'));
  const watches = new WatchCache(store, new VirtualClock());
  const ends: unknown[] = [];
  await watches.start((error) => ends.push(error));
  const cache = watches.resource({ group: '', resource: 'configmaps', namespaced: true });
  const seen: string[] = [];
  cache.subscribe({ namespace: '' }, (event) => void seen.push(`${event.type} ${event.entry.key}`));
  let gaps = 0;
  cache.onGap(() => {
    gaps++;
    assert.deepEqual(seen, []);
  });
  await store.create('/registry/configmaps/default/new', object('new'));
  await store.delete('/registry/configmaps/default/gone', 2);
  await store.create('/registry/secrets/default/s', object('s'));
  store.severed?.onEnd(new CompactedError(3));
  assert.equal(ends.length, 1);
  await watches.resume();
  await store.create('/registry/configmaps/default/later', object('later'));
  assert.deepEqual(seen, [
    'put /registry/configmaps/default/new',
    'delete /registry/configmaps/default/gone',
    'put /registry/configmaps/default/later',
  ]);
  assert.equal(watches.revision, store.revision);
  assert.equal(gaps, 1);
  // What came before is not told any more, as some of it is not known.
  assert.deepEqual([cache.origin, cache.windowStart], [5, 5]);
  const secrets = watches.resource({ group: '', resource: 'secrets', namespaced: true });
  assert.ok(secrets.index.get('/registry/secrets/default/s'));
});
