import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type StatusError, VirtualClock } from '@coxswain/machinery';
import { MemoryStore } from '@coxswain/store';
import { encodeStored } from '../storage/encode.ts';
import { WatchCache } from '../storage/watch-cache.ts';
import type { ApiRequest, RegistryContext } from './context.ts';
import { beforeWatch, watchObjects } from './watch.ts';

const maps = { group: '', resource: 'configmaps', namespaced: true };

/** A store that other servers write to as well. */
class SharedStore extends MemoryStore {
  fault: Error | undefined;

  async readRevision(): Promise<number> {
    if (this.fault !== undefined) throw this.fault;
    return this.revision;
  }
}

async function started() {
  const clock = new VirtualClock();
  const store = new SharedStore({ clock });
  const watchCache = new WatchCache(store, clock);
  await watchCache.start(() => {});
  const cache = watchCache.resource(maps);
  for (const name of ['a', 'b', 'c']) {
    const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, namespace: 'x' } };
    await store.create(`/registry/configmaps/x/${name}`, encodeStored(object));
  }
  const context = { store, watchCache } as unknown as RegistryContext;
  const told: string[] = [];
  const sink = {
    changed: (type: string) => void told.push(type),
    initial: () => void told.push('initial'),
    initialDone: () => void told.push('initialDone'),
    ended: () => void told.push('ended'),
    failed: (error: StatusError) => void told.push(`${error.code} ${error.message}`),
  };
  const watch = (query: Record<string, string>) =>
    ({
      verb: 'watch',
      namespace: '',
      name: '',
      query: { watch: '1', ...query },
      resource: { cache, fact: maps },
    }) as unknown as ApiRequest;
  return { clock, store, cache, context, told, sink, watch };
}

test('watchObjects() ends where events were missed, and is not begun from before that', async () => {
  const { cache, context, told, sink, watch } = await started();
  const watching = watchObjects(context, watch({ resourceVersion: '3' }), sink);
  assert.deepEqual(told.splice(0), ['ADDED']);
  cache.gap(9);
  assert.deepEqual(told.splice(0), ['ended']);
  watching.close();
  cache.gap(9);
  assert.deepEqual(told, []);
  watchObjects(context, watch({ resourceVersion: '3' }), sink);
  await Promise.resolve();
  assert.deepEqual(told, ['410 too old resource version: 3 (9)']);
});

test('beforeWatch() gives why the state does not come that a watch begins with, as that is an event of it', async () => {
  const { clock, store, context, told, sink, watch } = await started();
  store.fault = new Error('etcdserver: no leader');
  const newest = watch({});
  const failure = await beforeWatch(context, newest);
  watchObjects(context, newest, sink, failure);
  await Promise.resolve();
  assert.deepEqual(told, ['500 etcdserver: no leader']);
  const options = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' };
  const future = beforeWatch(context, watch({ ...options, resourceVersion: '99' }));
  await clock.advance(3000);
  assert.match(String(await future), /Too large resource version: 99, current: 4/);
  assert.equal(beforeWatch(context, watch({ resourceVersion: '99' })), undefined);
  assert.throws(() => beforeWatch(context, watch({ sendInitialEvents: 'true', resourceVersion: '99' })), {
    code: 422,
  });
});
