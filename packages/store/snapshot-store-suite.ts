import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import { until } from '@coxswain/machinery/testing';
import {
  CompactedError,
  FutureRevisionError,
  type SnapshotStore,
  type Store,
  type StoreEvent,
} from './contract.ts';
import { eventRevision } from './event-log.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

async function contentsOf(store: Store, prefix = ''): Promise<Record<string, string>> {
  const { kvs } = await store.range({ prefix });
  return Object.fromEntries(kvs.map((kv) => [kv.key, Buffer.from(kv.value).toString()]));
}

/** What every store that can be forked and rewound must do. `open` gives an empty one. */
export function snapshotStoreSuite(
  name: string,
  open: (clock: VirtualClock) => Promise<SnapshotStore>,
): void {
  describe(`${name} can be forked and rewound`, () => {
    let clock: VirtualClock;
    let store: SnapshotStore;
    const opened: Store[] = [];
    beforeEach(async () => {
      clock = new VirtualClock();
      store = await open(clock);
      opened.push(store);
      // Revisions 2 to 7.
      await store.create('/a', bytes('1'));
      await store.create('/b', bytes('1'));
      await store.update('/a', bytes('2'), 2);
      await store.delete('/b', 3);
      await store.create('/c', bytes('1'));
      await store.create('/b', bytes('2'));
    });
    after(async () => {
      for (const each of opened) await each.close();
    });
    const follow = (of: Store, afterRevision: number): string[] => {
      const seen: string[] = [];
      const onEvents = (events: readonly StoreEvent[]): void => {
        for (const event of events) {
          const value = event.type === 'put' ? `=${Buffer.from(event.kv.value)}` : '';
          seen.push(`${event.type} ${event.kv.key}${value}@${eventRevision(event)}`);
        }
      };
      of.watch({ prefix: '', afterRevision, onEvents, onEnd: (error) => seen.push(`end ${error}`) });
      return seen;
    };

    it('fork() gives the state and the history, and each goes its own way', async () => {
      const fork = store.fork();
      opened.push(fork);
      assert.deepEqual(await contentsOf(fork), await contentsOf(store));
      assert.equal((await fork.create('/fork', bytes('x'))).revision, 8);
      assert.equal((await store.create('/store', bytes('x'))).revision, 8);
      assert.deepEqual(Object.keys(await contentsOf(fork)), ['/a', '/b', '/c', '/fork']);
      assert.deepEqual(Object.keys(await contentsOf(store)), ['/a', '/b', '/c', '/store']);
      const seen = follow(fork, 6);
      await until(() => seen.length === 2);
      assert.deepEqual(seen, ['put /b=2@7', 'put /fork=x@8']);
    });

    it('fork() of an older revision has nothing of what came later', async () => {
      const fork = store.fork(4);
      opened.push(fork);
      assert.deepEqual(await contentsOf(fork), { '/a': '2', '/b': '1' });
      assert.deepEqual([fork.revision, fork.compactedRevision], [4, 0]);
      const seen = follow(fork, 3);
      assert.equal((await fork.delete('/b', 3)).revision, 5);
      await until(() => seen.length === 2);
      assert.deepEqual(seen, ['put /a=2@4', 'delete /b@5']);
      assert.deepEqual(await contentsOf(store), { '/a': '2', '/b': '2', '/c': '1' });
    });

    it('rewind() gives back what was, as writes that watches are told of', async () => {
      const seen = follow(store, 7);
      const revision = await store.rewind(3);
      assert.equal(revision, 10);
      assert.equal(store.revision, 10);
      assert.deepEqual(await contentsOf(store), { '/a': '1', '/b': '1' });
      await until(() => seen.length === 3);
      assert.deepEqual(seen.sort(), ['delete /c@10', 'put /a=1@8', 'put /b=1@9']);
      assert.equal(await store.rewind(7), 13);
      assert.deepEqual(await contentsOf(store), { '/a': '2', '/b': '2', '/c': '1' });
      assert.equal(await store.rewind(13), 13);
      const before = await store.range({ prefix: '', revision: 7 });
      assert.equal(before.count, 3);
    });

    it('rewind() comes after the writes that are under way', async () => {
      const writes = Array.from({ length: 20 }, (_, i) => store.create(`/late/${i}`, bytes('x')));
      await store.rewind(7);
      assert.ok((await Promise.all(writes)).every((result) => result.ok));
      assert.deepEqual(await contentsOf(store), { '/a': '2', '/b': '2', '/c': '1' });
    });

    it('fork() and rewind() refuse a revision that is compacted or to come', async () => {
      await store.compact(4);
      assert.throws(() => store.fork(3), CompactedError);
      assert.throws(() => store.fork(8), FutureRevisionError);
      await assert.rejects(store.rewind(3), CompactedError);
      await assert.rejects(store.rewind(8), FutureRevisionError);
      assert.deepEqual(await contentsOf(store.fork(4)), { '/a': '2', '/b': '1' });
      await store.rewind(4);
      assert.deepEqual(await contentsOf(store), { '/a': '2', '/b': '1' });
    });

    it('leases come back with what was, but for those that have run out', async () => {
      await store.create('/e/short', bytes('x'), { leaseSeconds: 60 });
      await store.create('/e/long', bytes('x'), { leaseSeconds: 600 });
      await store.create('/e/none', bytes('x'));
      const { revision } = store;
      await store.update('/e/long', bytes('y'), 9);
      await store.update('/e/none', bytes('y'), 10, { leaseSeconds: 60 });
      const fork = store.fork(revision);
      opened.push(fork);
      await clock.advance(62_000);
      await until(() => store.revision === 14);
      assert.deepEqual(await contentsOf(store, '/e/'), { '/e/long': 'y' });
      await store.rewind(revision);
      assert.deepEqual(await contentsOf(store, '/e/'), { '/e/long': 'x', '/e/none': 'x' });
      const later = store.revision;
      await clock.advance(600_000);
      await until(() => store.revision === later + 1);
      for (const each of [store, fork]) assert.deepEqual(await contentsOf(each, '/e/'), { '/e/none': 'x' });
    });
  });
}
