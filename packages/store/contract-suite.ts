import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { VirtualClock } from '@coxswain/machinery';
import {
  CompactedError,
  FutureRevisionError,
  type KeyValue,
  type Store,
  StoreClosedError,
  type StoreEvent,
} from './contract.ts';
import { eventRevision } from './event-log.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString();
const names = (kvs: readonly KeyValue[]): string[] => kvs.map((kv) => kv.key);
const show = (event: StoreEvent): string =>
  `${event.type} ${event.kv.key}=${text(event.kv.value)}@${eventRevision(event)}`;

/** Collects a watch's events and lets a test wait for their number. */
class Recorder {
  readonly events: StoreEvent[] = [];
  readonly ended: (Error | undefined)[] = [];
  #wake: (() => void) | undefined;

  readonly onEvents = (events: readonly StoreEvent[]): void => {
    this.events.push(...events);
    this.#wake?.();
  };
  readonly onEnd = (error?: Error): void => {
    this.ended.push(error);
    this.#wake?.();
  };

  get shown(): string[] {
    return this.events.map(show);
  }

  async until(enough: () => boolean): Promise<void> {
    while (!enough()) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  count(n: number): Promise<void> {
    return this.until(() => this.events.length >= n);
  }
}

/**
 * What every store must do. `open` gives an empty one. Where a store's `ownTime` cannot be wound by the clock,
 * the tests of leases are its own.
 */
export function storeContractSuite(
  name: string,
  open: (clock: VirtualClock) => Promise<Store>,
  { ownTime = false }: { readonly ownTime?: boolean } = {},
): void {
  describe(`${name} keeps the store contract`, () => {
    let clock: VirtualClock;
    let store: Store;
    const opened: Store[] = [];
    beforeEach(async () => {
      clock = new VirtualClock();
      store = await open(clock);
      opened.push(store);
    });
    after(async () => {
      for (const each of opened) await each.close();
    });

    const put = async (key: string, value: string): Promise<KeyValue> => {
      const current = await store.get(key);
      const result =
        current === undefined
          ? await store.create(key, bytes(value))
          : await store.update(key, bytes(value), current.modRevision);
      assert.ok(result.ok);
      return result.kv;
    };
    const watch = (prefix: string, afterRevision: number): Recorder & { close(): void } => {
      const recorder = new Recorder();
      const handle = store.watch({
        prefix,
        afterRevision,
        onEvents: recorder.onEvents,
        onEnd: recorder.onEnd,
      });
      return Object.assign(recorder, { close: () => handle.close() });
    };

    writeTests(() => store, put);
    rangeTests(() => store, put);
    watchTests(() => store, put, watch);
    compactionTests(() => store, put, watch);
    if (!ownTime) {
      leaseTests(
        () => store,
        () => clock,
        watch,
      );
    }

    it('close() refuses later calls and ends watches once', async () => {
      const seen = watch('/a', 0);
      await store.close();
      assert.deepEqual(seen.ended, [undefined]);
      await assert.rejects(store.create('/a', bytes('1')), StoreClosedError);
      await assert.rejects(store.get('/a'), StoreClosedError);
      assert.throws(() => watch('/a', 0), StoreClosedError);
      await store.close();
    });
  });
}

type Put = (key: string, value: string) => Promise<KeyValue>;
type Watch = (prefix: string, afterRevision: number) => Recorder & { close(): void };

function writeTests(store: () => Store, put: Put): void {
  it('create() gives revision 2 to the first write and refuses an existing key', async () => {
    assert.equal(store().revision, 1);
    assert.equal(store().compactedRevision, 0);
    const first = await store().create('/a', bytes('1'));
    assert.ok(first.ok);
    assert.equal(first.revision, 2);
    assert.deepEqual([first.kv.createRevision, first.kv.modRevision], [2, 2]);
    const second = await store().create('/a', bytes('2'));
    assert.ok(!second.ok);
    assert.equal(text(second.current?.value), '1');
    assert.equal(store().revision, 2);
  });

  it('update() keeps the create revision and refuses an old or absent one', async () => {
    await put('/a', '1');
    const updated = await store().update('/a', bytes('2'), 2);
    assert.ok(updated.ok);
    assert.deepEqual([updated.kv.createRevision, updated.kv.modRevision], [2, 3]);
    const stale = await store().update('/a', bytes('3'), 2);
    assert.ok(!stale.ok);
    assert.equal(stale.current?.modRevision, 3);
    const absent = await store().update('/b', bytes('3'), 2);
    assert.deepEqual(absent, { ok: false, revision: 3 });
  });

  it('delete() gives the deleted value and takes a revision of its own', async () => {
    await put('/a', '1');
    assert.equal((await store().delete('/a', 7)).ok, false);
    const gone = await store().delete('/a', 2);
    assert.ok(gone.ok);
    assert.equal(gone.revision, 3);
    assert.equal(text(gone.kv.value), '1');
    assert.equal(await store().get('/a'), undefined);
    assert.equal((await store().delete('/a', 2)).ok, false);
    assert.equal((await put('/a', '2')).createRevision, 4);
  });

  it('writes of one key at once: exactly one wins each round', async () => {
    await put('/n', '0');
    const bump = async (): Promise<void> => {
      for (;;) {
        const kv = (await store().get('/n')) as KeyValue;
        const next = String(Number(text(kv.value)) + 1);
        if ((await store().update('/n', bytes(next), kv.modRevision)).ok) return;
      }
    };
    await Promise.all(Array.from({ length: 20 }, bump));
    assert.equal(text((await store().get('/n'))?.value), '20');
    assert.equal(store().revision, 22);
  });

  it('a refused write that met another in flight answers when that one can be read', async () => {
    const both = await Promise.all([store().create('/a', bytes('1')), store().create('/a', bytes('2'))]);
    const refused = both.filter((each) => !each.ok);
    assert.equal(refused.length, 1);
    assert.equal(refused[0]?.current?.modRevision, 2);
    assert.equal(store().revision, 2);
  });
}

function rangeTests(store: () => Store, put: Put): void {
  it('range() gives the keys of a prefix in order', async () => {
    for (const key of ['/b/2', '/a/1', '/b/1', '/b', '/c/1', '/b/10']) await put(key, 'x');
    const all = await store().range({ prefix: '/b/' });
    assert.deepEqual(names(all.kvs), ['/b/1', '/b/10', '/b/2']);
    assert.deepEqual([all.count, all.revision], [3, 7]);
    assert.equal((await store().range({ prefix: '' })).count, 6);
    assert.deepEqual(await store().range({ prefix: '/x' }), { kvs: [], count: 0, revision: 7 });
  });

  it('range() pages with from and limit and counts what is left', async () => {
    const keys = Array.from({ length: 1_000 }, (_, i) => `/p/${String(i).padStart(4, '0')}`);
    await Promise.all(keys.toReversed().map((key) => put(key, 'x')));
    const seen: string[] = [];
    let from = '/p/';
    for (;;) {
      const page = await store().range({ prefix: '/p/', from, limit: 300 });
      assert.equal(page.count, 1_000 - seen.length);
      seen.push(...names(page.kvs));
      if (page.kvs.length === page.count) break;
      from = `${seen.at(-1)}\0`;
    }
    assert.deepEqual(seen, keys);
  });

  it('range() at an older revision shows what was there then', async () => {
    await put('/a/1', 'one');
    await put('/a/2', 'two');
    await put('/b', 'other');
    const then = store().revision;
    await put('/a/1', 'changed');
    await store().delete('/a/2', 3);
    await put('/a/3', 'new');
    const old = await store().range({ prefix: '/a/', revision: then });
    assert.deepEqual(
      old.kvs.map((kv) => `${kv.key}=${text(kv.value)}@${kv.modRevision}`),
      ['/a/1=one@2', '/a/2=two@3'],
    );
    assert.deepEqual([old.count, old.revision], [2, then]);
    assert.deepEqual(names((await store().range({ prefix: '/a/' })).kvs), ['/a/1', '/a/3']);
    await assert.rejects(store().range({ prefix: '/', revision: 99 }), FutureRevisionError);
  });
}

function watchTests(store: () => Store, put: Put, watch: Watch): void {
  it('watch() delivers what was missed, then what comes, in order and with the value before', async () => {
    await put('/a/1', 'one');
    await put('/a/1', 'two');
    await put('/b/1', 'other');
    const seen = watch('/a/', 2);
    await put('/a/2', 'three');
    await store().delete('/a/1', 3);
    await seen.count(3);
    assert.deepEqual(seen.shown, ['put /a/1=two@3', 'put /a/2=three@5', 'delete /a/1=two@6']);
    const [update] = seen.events;
    assert.ok(update?.type === 'put');
    assert.equal(text(update.previous?.value), 'one');
  });

  it('watch() delivers an event before its write resolves', async () => {
    const seen = watch('/a/', 1);
    await Promise.resolve();
    for (let i = 0; i < 50; i++) {
      await store().create(`/a/${i}`, bytes('x'));
      assert.equal(seen.events.length, i + 1);
    }
  });

  it('watch() from a revision to come skips what lies before it', async () => {
    const seen = watch('/a', 3);
    for (const key of ['/a1', '/a2', '/a3']) await put(key, 'x');
    await seen.count(1);
    assert.deepEqual(seen.shown, ['put /a3=x@4']);
  });

  it('watch() serves watchers of nested and equal prefixes alike', async () => {
    const watches = ['', '/a', '/a/', '/a/b', '/a/b'].map((prefix) => watch(prefix, 1));
    await put('/a/b', 'x');
    await put('/a/c', 'x');
    await put('/b', 'x');
    await watches[0]?.count(3);
    assert.deepEqual(
      watches.map((each) => each.events.length),
      [3, 2, 2, 1, 1],
    );
  });

  it('watch() keeps the order for all when a watcher writes in turn', async () => {
    const inner: Promise<unknown>[] = [];
    store().watch({
      prefix: '/a',
      afterRevision: 1,
      onEvents: (events) => {
        for (const { kv } of events) if (kv.key === '/a/1') inner.push(store().create('/a/2', bytes('y')));
      },
      onEnd: () => {},
    });
    const seen = watch('/a', 1);
    await put('/a/1', 'x');
    await Promise.all(inner);
    await seen.count(2);
    assert.deepEqual(seen.shown, ['put /a/1=x@2', 'put /a/2=y@3']);
  });

  it('watch() ends only the watch whose handler throws', async () => {
    const broken = new Recorder();
    const failing = (): void => {
      throw new Error('broken handler');
    };
    store().watch({ prefix: '/a', afterRevision: 1, onEvents: failing, onEnd: broken.onEnd });
    const seen = watch('/a', 1);
    await put('/a/1', 'x');
    await put('/a/2', 'x');
    await seen.count(2);
    assert.deepEqual(
      broken.ended.map((error) => error?.message),
      ['broken handler'],
    );
  });

  it('close() of a watch stops its events, even those that wait', async () => {
    await put('/a/1', 'x');
    const seen = watch('/a', 1);
    seen.close();
    const other = watch('/a', 1);
    await put('/a/2', 'x');
    await other.count(2);
    assert.deepEqual([seen.events.length, seen.ended.length], [0, 0]);
  });
}

function compactionTests(store: () => Store, put: Put, watch: Watch): void {
  it('compact() forgets older revisions and keeps the newer', async () => {
    for (const value of ['1', '2', '3', '4']) await put('/a', value);
    await put('/b', 'x');
    await store().compact(4);
    assert.equal(store().compactedRevision, 4);
    assert.throws(() => watch('/a', 3), CompactedError);
    const seen = watch('/a', 4);
    await seen.count(1);
    assert.deepEqual(seen.shown, ['put /a=4@5']);
    await assert.rejects(store().range({ prefix: '/', revision: 3 }), CompactedError);
    const at = await store().range({ prefix: '/', revision: 4 });
    assert.deepEqual(
      at.kvs.map((kv) => text(kv.value)),
      ['3'],
    );
    assert.equal((await store().range({ prefix: '/' })).count, 2);
  });

  it('compact() refuses a revision that is compacted or to come', async () => {
    await put('/a', '1');
    await store().compact(2);
    await assert.rejects(store().compact(2), CompactedError);
    await assert.rejects(store().compact(3), FutureRevisionError);
  });

  it('compact() leaves running watches alone', async () => {
    const seen = watch('/a', 1);
    await put('/a', '1');
    await store().compact(2);
    await put('/a', '2');
    await seen.count(2);
    assert.deepEqual(seen.ended, []);
  });
}

function leaseTests(store: () => Store, clock: () => VirtualClock, watch: Watch): void {
  it('a key with a lease is deleted when it runs out, with an event', async () => {
    const seen = watch('/e', 1);
    await store().create('/e/1', bytes('short'), { leaseSeconds: 60 });
    await store().create('/e/2', bytes('long'), { leaseSeconds: 120 });
    await clock().advance(59_000);
    assert.ok(await store().get('/e/1'));
    await clock().advance(3_000);
    await seen.count(3);
    assert.equal(await store().get('/e/1'), undefined);
    assert.ok(await store().get('/e/2'));
    await clock().advance(60_000);
    await seen.count(4);
    assert.deepEqual(seen.shown.slice(2), ['delete /e/1=short@4', 'delete /e/2=long@5']);
  });

  it('update() gives the key the lease of the last write, or none', async () => {
    await store().create('/e/1', bytes('1'), { leaseSeconds: 60 });
    await store().create('/e/2', bytes('1'), { leaseSeconds: 60 });
    await store().update('/e/1', bytes('2'), 2);
    await store().update('/e/2', bytes('2'), 3, { leaseSeconds: 600 });
    await clock().advance(120_000);
    assert.equal((await store().range({ prefix: '/e/' })).count, 2);
    const seen = watch('/e', store().revision);
    await clock().advance(600_000);
    await seen.count(1);
    assert.deepEqual(seen.shown, ['delete /e/2=2@6']);
  });
}
