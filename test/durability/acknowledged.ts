import assert from 'node:assert/strict';
import { eventRevision, type KeyValue, type Store, type StoreEvent } from '@coxswain/store';

/** What the writer says of a value, in few characters. */
function shownValue(value: Uint8Array): string {
  return `${value.length}.${Buffer.from(value).toString('latin1', 0, 30)}`;
}

interface Known {
  /** What the last acknowledged write has left; undefined: nothing. */
  shown: string | undefined;
  /** Its revision. */
  revision: number;
  /** What a write that was begun later would leave; `none` when no write was under way. */
  begun: string | undefined | typeof none;
}

const none = Symbol('no write is under way');

/** What was acknowledged by writers that were killed, and whether a store has it. */
export class Acknowledged {
  readonly #known = new Map<string, Known>();
  /** Writes since the last check, by revision. */
  #writes = new Map<number, { readonly key: string; readonly shown: string | undefined }>();
  #revision = 1;
  #compacted = 0;

  /** So many writes were acknowledged, all in all. */
  count = 0;

  /** Takes a line of the writer's. */
  hear(line: string): void {
    const [what, first = '', second = '', third = ''] = line.split(' ');
    if (what === '?') this.#knownOf(first).begun = second === '-' ? undefined : second;
    if (what === 'c') this.#compacted = Math.max(this.#compacted, Number(first));
    if (what !== '!') return;
    const revision = Number(first);
    const shown = third === '-' ? undefined : third;
    this.count++;
    assert.ok(!this.#writes.has(revision), `revision ${revision} was given to two writes`);
    this.#writes.set(revision, { key: second, shown });
    this.#revision = Math.max(this.#revision, revision);
    const known = this.#knownOf(second);
    if (revision > known.revision) Object.assign(known, { shown, revision, begun: none });
  }

  /** Fails unless the store has all that was acknowledged; takes what it has for known from then on. */
  async check(store: Store): Promise<void> {
    assert.ok(store.revision >= this.#revision, `revision ${this.#revision} was acknowledged`);
    assert.ok(
      store.compactedRevision >= this.#compacted,
      `a compaction to ${this.#compacted} was acknowledged`,
    );
    const { kvs } = await store.range({ prefix: '' });
    const found = new Map(kvs.map((kv) => [kv.key, kv]));
    for (const key of new Set([...this.#known.keys(), ...found.keys()])) this.#checkKey(key, found.get(key));
    this.#checkHistory(await eventsOf(store), store);
    this.#writes = new Map();
    this.#revision = store.revision;
  }

  #checkKey(key: string, kv: KeyValue | undefined): void {
    const known = this.#knownOf(key);
    const shown = kv && shownValue(kv.value);
    if (key === '/shared') {
      assert.ok((kv?.modRevision ?? 0) >= known.revision, `${key} has gone back to ${kv?.modRevision}`);
      if (kv?.modRevision === known.revision) assert.equal(shown, known.shown);
    } else if (shown === known.shown) {
      if (kv !== undefined) assert.equal(kv.modRevision, known.revision, key);
    } else {
      assert.notEqual(known.begun, none, `${key} holds ${shown}, but ${known.shown} was acknowledged`);
      assert.equal(shown, known.begun, key);
      if (kv !== undefined) assert.ok(kv.modRevision > known.revision, key);
    }
    Object.assign(known, { shown, revision: kv?.modRevision ?? known.revision, begun: none });
  }

  /** The history has no gap, and tells of each acknowledged write what was acknowledged. */
  #checkHistory(events: readonly StoreEvent[], store: Store): void {
    let revision = Math.max(1, store.compactedRevision);
    for (const event of events) {
      assert.equal(eventRevision(event), ++revision, 'the history has no gap');
      const write = this.#writes.get(revision);
      if (write === undefined) continue;
      const shown = event.type === 'put' ? shownValue(event.kv.value) : undefined;
      assert.deepEqual({ key: event.kv.key, shown }, write, `revision ${revision}`);
    }
    assert.equal(revision, store.revision, 'the history goes on to the end');
  }

  #knownOf(key: string): Known {
    let known = this.#known.get(key);
    if (known === undefined) {
      known = { shown: undefined, revision: 0, begun: none };
      this.#known.set(key, known);
    }
    return known;
  }
}

/** All that is left of the history, which a watch tells in parts. */
function eventsOf(store: Store): Promise<StoreEvent[]> {
  const events: StoreEvent[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<StoreEvent[]>();
  const { compactedRevision, revision } = store;
  if (revision <= Math.max(1, compactedRevision)) return Promise.resolve(events);
  const watch = store.watch({
    prefix: '',
    afterRevision: compactedRevision,
    onEvents: (more) => {
      for (const event of more) events.push(event);
      if (eventRevision(events.at(-1) as StoreEvent) < revision) return;
      resolve(events);
      watch.close();
    },
    onEnd: (error) => reject(error ?? new Error('the watch was ended')),
  });
  return promise;
}
