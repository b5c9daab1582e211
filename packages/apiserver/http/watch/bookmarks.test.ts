import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger, VirtualClock } from '@coxswain/machinery';
import { MemoryStore } from '@coxswain/store';
import type { ApiRequest, RegistryContext } from '../../registry/context.ts';
import { encodeStored } from '../../storage/encode.ts';
import { WatchCache } from '../../storage/watch-cache.ts';
import { plainJson } from '../forms/negotiate.ts';
import type { WatchOutput } from './watch-output.ts';
import { serveWatch } from './watch-stream.ts';

/** A watch of a resource and what it tells, over a clock that is wound. */
async function watched(resource: string, query: Record<string, string>) {
  const clock = new VirtualClock();
  const store = new MemoryStore({ clock });
  const watchCache = new WatchCache(store, clock);
  await watchCache.start(() => {});
  const fact = { group: '', resource, kind: 'ConfigMap', namespaced: true };
  const cache = watchCache.resource(fact);
  const write = async (name: string): Promise<void> => {
    const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, namespace: 'x' } };
    await store.create(`/registry/${resource}/x/${name}`, encodeStored(object));
  };
  const told: string[] = [];
  const take = (frame: Buffer): void => {
    for (const line of frame.toString().split('\n').filter(Boolean)) {
      const { type, object } = JSON.parse(line);
      const { resourceVersion, annotations } = object.metadata;
      told.push(`${type} ${resourceVersion}${annotations === undefined ? '' : ' end'}`);
    }
  };
  const output: WatchOutput = {
    head: () => {},
    begin: async (slices) => {
      for (const slice of slices) take(slice);
    },
    send: take,
    end: () => told.push('over'),
    abort: () => told.push('gone'),
    onGone: () => {},
  };
  const context = { store, watchCache, clock, logger: silentLogger, random: () => 0 };
  const request = {
    verb: 'watch',
    namespace: '',
    name: '',
    query: { watch: '1', allowWatchBookmarks: '1', ...query },
    resource: { cache, fact, apiVersion: 'v1', direct: true },
  };
  serveWatch(
    context as unknown as RegistryContext,
    request as unknown as ApiRequest,
    plainJson,
    output,
    new Set() as never,
  );
  await Promise.resolve();
  return { clock, write, told };
}

test('a bookmark comes every minute where something was written since the watch began', async () => {
  const { clock, write, told } = await watched('configmaps', { resourceVersion: '1' });
  await clock.advance(60_000);
  assert.deepEqual(told, []);
  await write('a');
  await clock.advance(60_000);
  await clock.advance(60_000);
  assert.deepEqual(told, ['ADDED 2', 'BOOKMARK 2', 'BOOKMARK 2']);
});

test('a bookmark comes two seconds before the end', async () => {
  const { clock, write, told } = await watched('configmaps', { resourceVersion: '1', timeoutSeconds: '5' });
  await write('a');
  await clock.advance(3_000);
  assert.deepEqual(told, ['ADDED 2', 'BOOKMARK 2']);
  await clock.advance(2_000);
  assert.equal(told.at(-1), 'over');
});

test('a bookmark comes soon after a beginning that others wrote to', async () => {
  const { clock, write, told } = await watched('configmaps', {});
  await write('a');
  await clock.advance(1_000);
  assert.deepEqual(told, ['BOOKMARK 1 end', 'ADDED 2', 'BOOKMARK 2']);
  const quiet = await watched('configmaps', {});
  await quiet.clock.advance(1_000);
  assert.deepEqual(quiet.told, ['BOOKMARK 1 end']);
});

test('no bookmark comes of events but that of the beginning', async () => {
  const { clock, write, told } = await watched('events', {});
  await write('a');
  await clock.advance(60_000);
  assert.deepEqual(told, ['BOOKMARK 1 end', 'ADDED 2']);
});
