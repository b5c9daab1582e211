import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, it } from 'node:test';
import { CompactedError, type KeyValue, type StoreEvent } from '../contract.ts';
import { type EmbeddedStore, openEmbeddedStore } from '../embedded-store.ts';
import { EventLog, eventRevision } from '../event-log.ts';
import { PastKeyValue, type PastValues, sizeOf, whole, wholeEvent } from './past-key-value.ts';

const root = mkdtempSync(join(tmpdir(), 'coxswain-past-'));
after(() => rmSync(root, { recursive: true, force: true }));
let dirs = 0;
const newDir = (): string => join(root, String(++dirs));
const bytes = (text: string): Uint8Array => Buffer.from(text);
const shown = (event: StoreEvent): string =>
  `${event.type} ${Buffer.from(event.kv.value)}@${eventRevision(event)}`;

/** A store whose key `/a` was written `updates` times with its number. */
async function updated(dir: string, updates: number): Promise<EmbeddedStore> {
  const store = await openEmbeddedStore({ dir });
  await store.create('/a', bytes('1'));
  for (let i = 2; i <= updates; i++) await store.update('/a', bytes(String(i)), i);
  return store;
}

/** What a watch tells until it has told of a revision, or ends. */
function history(store: EmbeddedStore, until: number): Promise<string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<string[]>();
  const seen: string[] = [];
  const watch = store.watch({
    prefix: '/a',
    afterRevision: 1,
    onEvents: (events) => {
      seen.push(...events.map(shown));
      if (events.some((event) => eventRevision(event) === until)) {
        resolve(seen);
        watch.close();
      }
    },
    onEnd: (error) => reject(error),
  });
  return promise;
}

it('EventLog keeps values of the present alone where the others can be read', () => {
  const values: PastValues = { valueOf: (revision, key) => bytes(`${key} of ${revision}`) };
  const log = new EventLog(2, values);
  const kv = (revision: number): KeyValue => {
    return { key: '/a', value: bytes('123'), createRevision: 2, modRevision: revision };
  };
  log.append({ type: 'put', kv: kv(2) });
  log.append({ type: 'put', kv: kv(3), previous: kv(2) });
  log.append({ type: 'delete', kv: kv(3), revision: 4 });
  log.append({ type: 'put', kv: { ...kv(5), createRevision: 5 } });
  const events = log.after(0, '');
  assert.deepEqual(
    events.map((event) => event.kv instanceof PastKeyValue),
    [true, true, true, false],
  );
  assert.equal(log.bytes, 12);
  assert.equal(sizeOf((events[0] as StoreEvent).kv), 3);
  assert.deepEqual(wholeEvent(events[1] as StoreEvent), {
    type: 'put',
    kv: { ...kv(3), value: bytes('/a of 3') },
    previous: { ...kv(2), value: bytes('/a of 2') },
  });
  assert.equal(whole((events[3] as StoreEvent).kv), (events[3] as StoreEvent).kv);
  assert.equal(log.dropThrough(3).length, 2);
  assert.equal(log.bytes, 6);
});

it('a long history is told whole and in order, beside writes that go on and after a restart', async () => {
  const dir = newDir();
  const store = await updated(dir, 1_000);
  const telling = history(store, 1_201);
  for (let i = 1_001; i <= 1_200; i++) await store.update('/a', bytes(String(i)), i);
  const expected = Array.from({ length: 1_200 }, (_, i) => `put ${i + 1}@${i + 2}`);
  assert.deepEqual(await telling, expected);
  await store.close();
  const again = await openEmbeddedStore({ dir });
  assert.deepEqual(await history(again, 1_201), expected);
  const { kvs } = await again.range({ prefix: '/', revision: 500 });
  assert.deepEqual(
    kvs.map(({ value, modRevision }) => `${Buffer.from(value)}@${modRevision}`),
    ['499@500'],
  );
  await again.close();
});

it('a watch whose history is compacted while it is told ends with a CompactedError', async () => {
  const dir = newDir();
  const store = await updated(dir, 1_000);
  const ended = assert.rejects(history(store, 1_001), CompactedError);
  await Promise.resolve(); // the first part is told
  const compacted = store.compact(900);
  // The compaction and the next part race; here the rows are gone first.
  const db = new DatabaseSync(join(dir, 'store.db'), { timeout: 10_000 });
  db.exec('DELETE FROM log WHERE revision <= 900');
  db.close();
  await ended;
  await compacted;
  await store.close();
});

it('a value of the history that has changed on the disk is no value', async () => {
  const dir = newDir();
  const store = await updated(dir, 3);
  const db = new DatabaseSync(join(dir, 'store.db'), { timeout: 10_000 });
  db.exec("UPDATE log SET value = x'7a' WHERE revision = 3");
  db.close();
  await assert.rejects(history(store, 4), { code: 'DAMAGED' });
  await assert.rejects(store.range({ prefix: '/', revision: 3 }), { code: 'DAMAGED' });
  assert.equal(String((await store.get('/a'))?.value), '3');
  await store.close();
});
