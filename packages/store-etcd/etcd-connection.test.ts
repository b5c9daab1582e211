import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { CompactedError, eventRevision, isStoreTimeout, type StoreEvent } from '@coxswain/store';
import { EtcdError } from './etcd-error.ts';
import { type EtcdStore, openEtcdStore } from './etcd-store.ts';
import { etcdMissing, TestingEtcd } from './etcd-suite.ts';
import { TestingRelay } from './testing-relay.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('EtcdStore and its connections', { skip: etcdMissing ?? false }, () => {
  const started: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of started.splice(0).reverse()) await each.stop();
  });
  const start = async (): Promise<TestingEtcd> => {
    const etcd = await TestingEtcd.start();
    started.push(etcd);
    return etcd;
  };
  const open = (...servers: string[]): Promise<EtcdStore> => openFor(undefined, ...servers);
  /** @param callPatienceMs how long a call waits */
  const openFor = async (callPatienceMs: number | undefined, ...servers: string[]): Promise<EtcdStore> => {
    const store = await openEtcdStore({
      servers,
      ...(callPatienceMs === undefined ? {} : { callPatienceMs }),
    });
    started.push({ stop: () => store.close() });
    return store;
  };
  /** The events of a watch, and a promise of so many. */
  const follow = (store: EtcdStore, afterRevision: number) => {
    const events: StoreEvent[] = [];
    const ends: (Error | undefined)[] = [];
    let wake = (): void => {};
    store.watch({
      prefix: '/registry/',
      afterRevision,
      onEvents: (more) => {
        events.push(...more);
        wake();
      },
      onProgress: () => {},
      onEnd: (error) => {
        ends.push(error);
        wake();
      },
    });
    const until = async (enough: () => boolean): Promise<void> => {
      while (!enough()) await new Promise<void>((resolve) => (wake = resolve));
    };
    return { events, ends, until };
  };

  it('an etcd that is killed under load loses no acknowledged write, and watches go on without gap or double', async () => {
    const etcd = await start();
    const store = await open(etcd.url);
    const { events, until } = follow(store, 1);
    const acknowledged = new Map<string, number>();
    const write = async (writer: number): Promise<void> => {
      for (let i = 0; i < 150; i++) {
        const key = `/registry/w${writer}/${i}`;
        try {
          const result = await store.create(key, bytes('x'));
          // An earlier attempt of unknown end may have done it; nobody else writes these keys.
          acknowledged.set(key, result.ok ? result.revision : (result.current?.modRevision ?? 0));
        } catch (error) {
          assert.ok(error instanceof EtcdError, String(error));
          i--;
        }
      }
    };
    const writers = Array.from({ length: 8 }, (_, i) => write(i));
    for (const round of [200, 500, 800]) {
      await until(() => events.length >= round);
      await etcd.signal('SIGKILL');
      await etcd.restart();
    }
    await Promise.all(writers);
    await until(() => events.length >= 1_200);
    const there = await store.range({ prefix: '/registry/' });
    assert.equal(there.count, 1_200);
    assert.deepEqual(
      new Map(there.kvs.map((kv) => [kv.key, kv.modRevision])),
      new Map([...acknowledged].sort(([a], [b]) => (a < b ? -1 : 1))),
    );
    assert.deepEqual(
      events.map(eventRevision),
      Array.from({ length: 1_200 }, (_, i) => i + 2),
    );
  });

  it('calls wait for an etcd that comes back and fail when it does not', async () => {
    const etcd = await start();
    const store = await open(etcd.url);
    const impatient = await openFor(500, etcd.url);
    await store.create('/registry/a', bytes('1'));
    await etcd.signal('SIGKILL');
    const reading = store.get('/registry/a');
    await assert.rejects(
      impatient.get('/registry/a'),
      (error) => error instanceof EtcdError && error.code === 'ETCD_UNAVAILABLE' && !error.maybeSent,
    );
    // There is no connection any more: a write is not sent before there is one.
    const writing = store.create('/registry/b', bytes('1'));
    await etcd.restart();
    assert.equal(String((await reading)?.value), '1');
    assert.ok((await writing).ok);
  });

  it('an etcd that hangs is a timeout, and no obstacle where there is another', async () => {
    const hung = await start();
    const etcd = await start();
    const stuck = await openFor(500, hung.url);
    const spared = await open(hung.url, etcd.url);
    await hung.signal('SIGSTOP');
    const timesOut = (error: unknown): boolean => error instanceof EtcdError && isStoreTimeout(error);
    await Promise.all([
      assert.rejects(stuck.get('/registry/a'), timesOut),
      assert.rejects(stuck.create('/registry/a', bytes('1')), timesOut),
      spared.get('/registry/a').then((kv) => assert.equal(kv, undefined)),
    ]);
    await hung.signal('SIGCONT');
    // The write that was not answered may have been done.
    assert.ok(['1', 'undefined'].includes(String((await stuck.get('/registry/a'))?.value)));
  });

  it('openEtcdStore() says which etcd does not answer', async () => {
    const etcd = await start();
    await etcd.signal('SIGKILL');
    await assert.rejects(
      openEtcdStore({ servers: [etcd.url], patienceMs: 0 }),
      (error: Error) =>
        error.message.startsWith(`connect to etcd at "${etcd.url}": rpc error: code = Unavailable`) &&
        error.message.includes('ECONNREFUSED'),
    );
  });

  it('openEtcdStore() waits no longer when it is told to stop', async () => {
    const etcd = await start();
    await etcd.signal('SIGKILL');
    const stop = new AbortController();
    const opening = openEtcdStore({ servers: [etcd.url], patienceMs: 600_000, signal: stop.signal });
    stop.abort(new Error('enough'));
    await assert.rejects(opening, /^Error: enough$/);
  });

  it('the next endpoint is asked when one does not answer', async () => {
    const etcd = await start();
    const dead = await start();
    await dead.signal('SIGKILL');
    const store = await open(dead.url, etcd.url);
    const { events, until } = follow(store, 1);
    assert.ok((await store.create('/registry/a', bytes('1'))).ok);
    await until(() => events.length === 1);
  });

  it('a watch whose history is compacted while the connection is lost ends with a CompactedError', async () => {
    const etcd = await start();
    const store = await open(etcd.url);
    const other = await open(etcd.url);
    await store.create('/registry/a', bytes('1'));
    for (let i = 2; i < 8; i++) await store.update('/registry/a', bytes(String(i)), i);
    await other.compact(6);
    const { ends, until } = follow(store, 2);
    await until(() => ends.length > 0);
    assert.ok(ends[0] instanceof CompactedError);
    assert.equal(ends[0].compactedRevision, 6);
    assert.equal(store.compactedRevision, 6);
    await assert.rejects(store.range({ prefix: '/registry/', revision: 3 }), CompactedError);
  });

  it('a watch goes on with another member when its own says nothing of what etcd has', async () => {
    const etcd = await start();
    const through = await TestingRelay.to(etcd.url);
    started.push(through);
    const store = await openFor(300, through.url, etcd.url);
    const { events, until } = follow(store, 1);
    await store.create('/registry/a', bytes('1'));
    through.hang();
    await (await open(etcd.url)).create('/registry/b', bytes('1'));
    // The other member is asked, and says that there is more than the watch has told.
    assert.equal(await store.readRevision(), 3);
    await until(() => events.length === 2);
  });

  it('onProgress() moves on with keys that the watcher does not want', async () => {
    const etcd = await start();
    const store = await open(etcd.url);
    const { promise, resolve } = Promise.withResolvers<void>();
    const events: StoreEvent[] = [];
    store.watch({
      prefix: '/registry/',
      afterRevision: 1,
      onEvents: (more) => void events.push(...more),
      onProgress: (revision) => {
        if (revision >= 3) resolve();
      },
      onEnd: () => {},
    });
    await store.create('/elsewhere/a', bytes('1'));
    await store.create('/elsewhere/b', bytes('1'));
    await promise;
    assert.deepEqual(events, []);
    assert.equal(await store.readRevision(), 3);
  });

  it('keys with another prefix lie apart from those of the default one', async () => {
    const etcd = await start();
    const plain = await open(etcd.url);
    const other = await openEtcdStore({ servers: [etcd.url], prefix: 'cluster-b' });
    started.push({ stop: () => other.close() });
    const { events, until } = follow(other, 1);
    await plain.create('/registry/pods/a', bytes('plain'));
    await other.create('/registry/pods/a', bytes('other'));
    await until(() => events.length === 1);
    assert.equal(String(events[0]?.kv.value), 'other');
    assert.equal(events[0]?.kv.key, '/registry/pods/a');
    assert.equal(String((await plain.get('/cluster-b/pods/a'))?.value), 'other');
    assert.equal((await other.range({ prefix: '/registry/', from: '/registry/pods/a' })).count, 1);
  });

  it('a key with a lease goes when etcd says so, with an event', async () => {
    const etcd = await start();
    const store = await open(etcd.url);
    const { events, until } = follow(store, 1);
    await store.create('/registry/events/a', bytes('1'), { leaseSeconds: 1 });
    await store.create('/registry/events/b', bytes('1'), { leaseSeconds: 1 });
    await store.update('/registry/events/b', bytes('2'), 3);
    await until(() => events.some((event) => event.type === 'delete'));
    assert.equal(await store.get('/registry/events/a'), undefined);
    assert.equal(String((await store.get('/registry/events/b'))?.value), '2');
  });

  it('compactTogether() lets one of several servers compact what it saw the round before', async () => {
    const etcd = await start();
    const stores = [await open(etcd.url), await open(etcd.url)] as const;
    let rounds = await Promise.all(stores.map((store) => store.compactTogether(0, 0)));
    assert.deepEqual(
      rounds.map((each) => each.version),
      [1, 1],
    );
    await stores[0].create('/registry/a', bytes('1'));
    await stores[0].update('/registry/a', bytes('2'), 3);
    rounds = await Promise.all(stores.map((store, i) => store.compactTogether(1, rounds[i]!.revision)));
    assert.deepEqual(
      rounds.map((each) => each.version),
      [2, 2],
    );
    await assert.rejects(stores[1].range({ prefix: '', revision: 1 }), CompactedError);
    assert.equal(Math.max(...stores.map((store) => store.compactedRevision)), 2);
  });
});
