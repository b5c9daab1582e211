import { type Clock, systemClock } from '@coxswain/machinery';
import {
  CompactedError,
  type KeyValue,
  type RangeRequest,
  type RangeResult,
  type Store,
  StoreClosedError,
  type StoreWatch,
  type WatchRequest,
  type WriteResult,
} from '@coxswain/store';
import { EtcdChannel, type EtcdEndpoints } from './etcd-channel.ts';
import { EtcdError } from './etcd-error.ts';
import { EtcdWatch } from './etcd-watch.ts';
import { KeyPrefix } from './key-prefix.ts';
import { LeaseManager } from './lease-manager.ts';
import { kvFromWire, rangeEndOf, type WireKeyValue } from './wire.ts';

/** How an etcd is used as a store. */
export interface EtcdStoreOptions extends EtcdEndpoints {
  /** What keys begin with in etcd instead of `/registry`. */
  readonly prefix?: string;
  /** How long an opening waits for an answer, in milliseconds. Default: 20 s. */
  readonly patienceMs?: number;
  /** Ends an opening that waits: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

interface Running {
  readonly watch: EtcdWatch;
  readonly prefix: string;
  /** It hears of every revision. */
  readonly everything: boolean;
}

/** So many keys are read at once; a longer range is read page by page at one revision. */
const pageSize = 1_000;
const absent = 0;

/**
 * A store whose keys are in an etcd, shared with whoever else uses it. Revisions are etcd's own. A write
 * resolves when the watches of this store have been told of it.
 */
export class EtcdStore implements Store {
  readonly #channel: EtcdChannel;
  readonly #clock: Clock;
  readonly #leases: LeaseManager;
  readonly #keys: KeyPrefix;
  readonly #running = new Set<Running>();
  #revision = 0;
  #compacted = 0;
  #closed = false;

  constructor(options: EtcdStoreOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#channel = new EtcdChannel(options);
    this.#leases = new LeaseManager(this.#channel, this.#clock);
    this.#keys = new KeyPrefix(options.prefix);
  }

  /** The newest revision that this store has heard of; others may have written since. */
  get revision(): number {
    return this.#revision;
  }

  get compactedRevision(): number {
    return this.#compacted;
  }

  /** Asks etcd for its newest revision; every write acknowledged before the call, by anyone, is in it. */
  readRevision(): Promise<number> {
    return this.connect();
  }

  /** Asks the same, for so long: whether there is an etcd at all. @param patienceMs as long as any call when absent */
  async connect(patienceMs?: number): Promise<number> {
    this.#open();
    const request = { key: this.#keys.toEtcd('/registry/'), countOnly: true };
    const reply = await this.#channel.call('KV', 'Range', request, true, 0, patienceMs);
    this.#saw(reply.header.revision);
    return reply.header.revision;
  }

  /** Of the member that answers. */
  async sizeOnDisk(): Promise<number> {
    this.#open();
    const reply = await this.#channel.call('Maintenance', 'Status', {}, true);
    return reply.dbSize;
  }

  async get(key: string): Promise<KeyValue | undefined> {
    this.#open();
    const reply = await this.#channel.call('KV', 'Range', { key: this.#keys.toEtcd(key) }, true);
    this.#saw(reply.header.revision);
    const [kv] = reply.kvs as WireKeyValue[];
    return kv && this.#kv(kv);
  }

  async range(request: RangeRequest): Promise<RangeResult> {
    const asked = request.revision ?? 0;
    for (;;) {
      try {
        return await this.#range(request, asked);
      } catch (error) {
        // A range of now whose later pages were compacted meanwhile is begun anew.
        if (asked > 0 || !(error instanceof CompactedError)) throw error;
      }
    }
  }

  async #range(request: RangeRequest, asked: number): Promise<RangeResult> {
    const prefix = this.#keys.toEtcd(request.prefix);
    const limit = request.limit ?? 0;
    const kvs: KeyValue[] = [];
    let count: number | undefined;
    let revision = asked;
    let key = request.from === undefined ? prefix : this.#keys.toEtcd(request.from);
    if (key === '') key = '\0';
    for (;;) {
      this.#open();
      const left = limit > 0 ? Math.min(limit - kvs.length, pageSize) : pageSize;
      const wire = { key, rangeEnd: rangeEndOf(prefix), limit: left, revision };
      const reply = await this.#channel.call('KV', 'Range', wire, true, revision);
      this.#saw(reply.header.revision);
      if (revision === 0) revision = reply.header.revision;
      count ??= reply.count as number;
      const page = reply.kvs as WireKeyValue[];
      for (const kv of page) kvs.push(this.#kv(kv));
      if (!reply.more || (limit > 0 && kvs.length >= limit)) return { kvs, count, revision };
      key = `${page[page.length - 1]!.key}\0`;
    }
  }

  async create(key: string, value: Uint8Array, options?: { leaseSeconds?: number }): Promise<WriteResult> {
    return this.#put(key, value, absent, options?.leaseSeconds);
  }

  async update(
    key: string,
    value: Uint8Array,
    expectedModRevision: number,
    options?: { leaseSeconds?: number },
  ): Promise<WriteResult> {
    // No key has revision -1: an update that expects nothing creates nothing.
    const expected = expectedModRevision > 0 ? expectedModRevision : -1;
    return this.#put(key, value, expected, options?.leaseSeconds);
  }

  async delete(key: string, expectedModRevision: number): Promise<WriteResult> {
    const expected = expectedModRevision > 0 ? expectedModRevision : -1;
    const etcdKey = this.#keys.toEtcd(key);
    const reply = await this.#txn(key, expected, [{ requestDeleteRange: { key: etcdKey, prevKv: true } }]);
    const { revision } = reply.header;
    if (!reply.succeeded) return this.#refused(reply);
    const [deleted] = reply.responses[0].responseDeleteRange.prevKvs as WireKeyValue[];
    await this.#told(key, revision);
    return { ok: true, revision, kv: this.#kv(deleted!) };
  }

  async #put(
    key: string,
    value: Uint8Array,
    expected: number,
    leaseSeconds: number | undefined,
  ): Promise<WriteResult> {
    this.#open();
    const etcdKey = this.#keys.toEtcd(key);
    const lease = leaseSeconds === undefined ? 0 : await this.#leases.leaseFor(leaseSeconds);
    const requestPut = { key: etcdKey, value, lease };
    const reply = await this.#txn(key, expected, [
      { requestPut },
      // The create revision of an update, without the value again.
      ...(expected === absent ? [] : [{ requestRange: { key: etcdKey, keysOnly: true } }]),
    ]);
    if (!reply.succeeded) return this.#refused(reply);
    const { revision } = reply.header;
    const createRevision =
      expected === absent ? revision : reply.responses[1].responseRange.kvs[0].createRevision;
    await this.#told(key, revision);
    return { ok: true, revision, kv: { key, value, createRevision, modRevision: revision } };
  }

  async #txn(key: string, expected: number, success: readonly object[]): Promise<any> {
    this.#open();
    const etcdKey = this.#keys.toEtcd(key);
    const reply = await this.#channel.call(
      'KV',
      'Txn',
      {
        compare: [{ key: etcdKey, target: 'MOD', result: 'EQUAL', modRevision: expected }],
        success,
        failure: [{ requestRange: { key: etcdKey } }],
      },
      false,
    );
    this.#saw(reply.header.revision);
    return reply;
  }

  #refused(reply: any): WriteResult {
    const { revision } = reply.header;
    const [current] = reply.responses[0].responseRange.kvs as WireKeyValue[];
    return current === undefined
      ? { ok: false, revision }
      : { ok: false, revision, current: this.#kv(current) };
  }

  watch(request: WatchRequest): StoreWatch {
    this.#open();
    const { afterRevision, onEvents, onProgress, onEnd } = request;
    if (afterRevision < this.#compacted) throw new CompactedError(this.#compacted);
    const prefix = this.#keys.toEtcd(request.prefix);
    // A watcher that must know how far it is hears of every revision: those of other keys move it on, too.
    const everything = onProgress !== undefined || prefix === '';
    const running: Running = {
      prefix: request.prefix,
      everything,
      watch: new EtcdWatch(
        this.#channel,
        this.#clock,
        {
          key: everything ? '\0' : prefix,
          rangeEnd: everything ? '\0' : rangeEndOf(prefix),
          wanted: everything ? (key) => key.startsWith(prefix) : () => true,
          afterRevision,
          onEvents,
          onProgress: (revision) => {
            this.#saw(revision);
            onProgress?.(revision);
          },
          onEnd: (error) => {
            this.#running.delete(running);
            if (error instanceof CompactedError) this.#forgot(error.compactedRevision);
            onEnd(error);
          },
        },
        (key) => this.#keys.fromEtcd(key),
      ),
    };
    this.#running.add(running);
    running.watch.start();
    return {
      close: () => {
        this.#running.delete(running);
        running.watch.close();
      },
    };
  }

  async compact(revision: number): Promise<void> {
    this.#open();
    if (revision <= this.#compacted) throw new CompactedError(this.#compacted);
    await this.#channel.call('KV', 'Compact', { revision }, false, revision);
    this.#forgot(revision);
  }

  /**
   * One round of the compaction that all servers of an etcd do together: of those that come with the same
   * version of the coordination key one wins, and it compacts.
   * @param version of the key as the last round gave it
   * @param revision that the winner compacts; 0 for none
   */
  async compactTogether(version: number, revision: number): Promise<{ version: number; revision: number }> {
    this.#open();
    const key = 'compact_rev_key';
    const reply = await this.#channel.call(
      'KV',
      'Txn',
      {
        compare: [{ key, target: 'VERSION', result: 'EQUAL', version }],
        success: [{ requestPut: { key, value: Buffer.from(String(revision)) } }],
        failure: [{ requestRange: { key } }],
      },
      false,
    );
    const now: number = reply.header.revision;
    this.#saw(now);
    if (!reply.succeeded) {
      const [kv] = reply.responses[0].responseRange.kvs as WireKeyValue[];
      return { version: kv?.version ?? 0, revision: now };
    }
    if (revision > this.#compacted) await this.compact(revision);
    return { version: version + 1, revision: now };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const { watch } of [...this.#running]) watch.end();
    this.#running.clear();
    this.#channel.close();
  }

  #open(): void {
    if (this.#closed) throw new StoreClosedError();
  }

  #kv(kv: WireKeyValue): KeyValue {
    return kvFromWire(kv, (key) => this.#keys.fromEtcd(key));
  }

  #saw(revision: number): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    for (const { watch, everything } of this.#running) if (everything) watch.expect(revision);
  }

  #forgot(revision: number): void {
    if (revision > this.#compacted) this.#compacted = revision;
  }

  /** Resolves when every watch that is to hear of the write has heard of it. */
  async #told(key: string, revision: number): Promise<void> {
    for (const { watch, prefix } of [...this.#running]) {
      if (!key.startsWith(prefix)) continue;
      const waiting = watch.until(revision);
      if (waiting !== undefined) await waiting;
    }
  }
}

/** An etcd that is started together with the server may come later than it. */
const patienceMs = 20_000;

/** Opens a store over an etcd. Rejects with `EtcdError` when none of its endpoints has answered for 20 s. */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<EtcdStore> {
  const { signal } = options;
  signal?.throwIfAborted();
  const store = new EtcdStore(options);
  const stop = (): void => void store.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await store.connect(options.patienceMs ?? patienceMs);
    return store;
  } catch (error) {
    await store.close();
    signal?.throwIfAborted();
    if (!(error instanceof EtcdError) || !error.passing) throw error;
    const message = `connect to etcd at "${options.servers.join(',')}": ${error.message}`;
    throw new EtcdError(error.code, message, false, { cause: error });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
