import { statSync } from 'node:fs';
import { type Clock, type Logger, silentLogger, systemClock } from '@coxswain/machinery';
import {
  type KeyValue,
  StoreClosedError,
  type StoreEvent,
  StoreWriteError,
  type WriteResult,
} from './contract.ts';
import { type DataDir, damaged, foreign, takeDataDir } from './data-dir.ts';
import { defaultHistoryBytes, KeyspaceStore } from './keyspace-store.ts';
import { CommitError, Committer } from './log/committer.ts';
import { type LoadedLog, loadLog, rowsOfDropped } from './log/load-log.ts';
import { LogValues } from './log/row-reader.ts';
import { isDiskFull, LogFileError, type LogRow, SqliteLog } from './log/sqlite-log.ts';
import { MemoryStore } from './memory-store.ts';
import { writesBack } from './rewind.ts';
import { decodeSnapshot } from './snapshot/snapshot.ts';
import { eventOf, refusal, type Write, writeAllowed } from './write.ts';

export interface EmbeddedStoreOptions {
  /** The store's own folder; made where it is absent. */
  readonly dir: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** History is compacted by itself when its values exceed so many bytes. Default: 256 MiB. */
  readonly historyBytes?: number;
  /** The file grows no larger than about this: writes beyond are refused. Default: as large as the disk allows. */
  readonly maxBytes?: number;
  /** A snapshot to begin with. Only for a dir that has never been used. */
  readonly snapshot?: Uint8Array;
}

/** What a key holds once the writes under way are done. */
interface Pending {
  readonly revision: number;
  /** Absent: deleted. */
  readonly kv: KeyValue | undefined;
}

/** A write that waits for the disk, or a refusal that rests on one. */
interface Waiting {
  readonly event: StoreEvent | undefined;
  readonly refused: KeyValue | undefined;
  /** Wall milliseconds; 0: no lease. */
  readonly due: number;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

/** A data dir whose log is open and read. */
export interface OpenedLog {
  readonly dataDir: DataDir;
  readonly log: SqliteLog;
  /** Reads values of the same log. */
  readonly past: LogValues;
  readonly loaded: LoadedLog;
}

interface Compaction {
  readonly revision: number;
  readonly rows: readonly number[];
  /** So many of the rows are deleted already. */
  done: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A durable store in one folder. Writes are checked against memory and what is under way, committed in
 * batches that share one fsync, and acknowledged, delivered and readable only after it.
 */
export class EmbeddedStore extends KeyspaceStore {
  readonly #logger: Logger;
  readonly #dataDir: DataDir;
  readonly #past: LogValues;
  readonly #committer: Committer;
  readonly #pending = new Map<string, Pending>();
  /** Revision that the next write will have. */
  #nextRevision: number;
  #queue: Waiting[] = [];
  readonly #compactions: Compaction[] = [];
  #scheduled = false;
  #running: Promise<void> | undefined;
  #failure: StoreClosedError | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: EmbeddedStoreOptions, opened: OpenedLog) {
    const { dataDir, log, past, loaded } = opened;
    super({
      clock: options.clock ?? systemClock,
      historyBytes: options.historyBytes ?? defaultHistoryBytes,
      keyspace: loaded.keyspace,
      leases: loaded.leases,
    });
    this.#logger = options.logger ?? silentLogger;
    this.#dataDir = dataDir;
    this.#past = past;
    this.#nextRevision = loaded.keyspace.revision + 1;
    this.#committer = new Committer(log, (error) => {
      this.#logger.warn('the commit thread did not start, the main thread commits', { error });
    });
    if (loaded.garbage.length > 0) this.#collect(this.compactedRevision, loaded.garbage);
  }

  async compact(revision: number): Promise<void> {
    this.open();
    const dropped = this.keyspace.compact(revision);
    await new Promise<void>((resolve, reject) => {
      this.#compactions.push({ revision, rows: rowsOfDropped(dropped), done: 0, resolve, reject });
      this.#schedule();
    });
  }

  sizeOnDisk(): number {
    return statSync(this.#dataDir.logPath).size;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  fork(revision?: number): MemoryStore {
    return new MemoryStore(this.contentsAt(revision));
  }

  async rewind(revision: number): Promise<number> {
    this.open();
    // Only what is durable has a history. Between the last look and the writes nobody else comes.
    while (this.#pending.size > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      this.open();
    }
    const writes = writesBack(this.keyspace, revision, this.clock.now());
    // Begun in one turn, they are one batch and so one transaction.
    await Promise.all(writes.map(({ write, due }) => this.write(write, due)));
    return this.keyspace.revision;
  }

  protected open(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing !== undefined) throw new StoreClosedError();
  }

  protected async write(write: Write, due: number): Promise<WriteResult> {
    this.open();
    const { key } = write;
    const pending = this.#pending.get(key);
    const current = pending === undefined ? this.keyspace.get(key) : pending.kv;
    const allowed = writeAllowed(write, current);
    if (!allowed && pending === undefined) return refusal(current, this.keyspace.revision);
    return new Promise((resolve, reject) => {
      let event: StoreEvent | undefined;
      if (allowed) {
        event = eventOf(write, current, this.#nextRevision, due);
        this.#pending.set(key, {
          revision: this.#nextRevision++,
          kv: event.type === 'put' ? event.kv : undefined,
        });
      }
      this.#queue.push({ event, refused: allowed ? undefined : current, due, resolve, reject });
      this.#schedule();
    });
  }

  /** After this turn of the event loop: what was written in one turn shares a commit. */
  #schedule(): void {
    if (this.#scheduled || this.#running !== undefined) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      void this.#start();
    });
  }

  #start(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#busy) this.#schedule();
    });
    return this.#running;
  }

  get #busy(): boolean {
    return this.#failure === undefined && (this.#queue.length > 0 || this.#compactions.length > 0);
  }

  async #run(): Promise<void> {
    while (this.#busy) {
      if (this.#queue.length > 0) await this.#commitBatch();
      if (this.#compactions.length > 0 && this.#failure === undefined) await this.#compactStep();
      // Writers that were just answered write again: let all of them join the next batch.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #commitBatch(): Promise<void> {
    const batch = this.#queue;
    this.#queue = [];
    try {
      const rows = batch.flatMap((waiting) =>
        waiting.event === undefined ? [] : [rowOf(waiting.event, waiting.due)],
      );
      if (rows.length > 0) await this.#committer.append(rows);
    } catch (error) {
      this.#onCommitError(error, batch);
      return;
    }
    const events: StoreEvent[] = [];
    for (const { event, due } of batch) {
      if (event === undefined) continue;
      this.#apply(event, due);
      events.push(event);
    }
    this.hub.dispatch(events);
    for (const waiting of batch) waiting.resolve(this.#resultOf(waiting));
    if (this.keyspace.historyBytes > this.historyBytes) this.#compactHistory();
  }

  #apply(event: StoreEvent, due: number): void {
    const { key } = event.kv;
    this.keyspace.apply(event);
    if (due === 0) this.leases.clear(key);
    else this.leases.set(key, due);
    if (this.#pending.get(key)?.revision === this.keyspace.revision) this.#pending.delete(key);
  }

  #resultOf({ event, refused }: Waiting): WriteResult {
    if (event === undefined) return refusal(refused, this.keyspace.revision);
    const revision = event.type === 'put' ? event.kv.modRevision : event.revision;
    return { ok: true, revision, kv: event.kv };
  }

  /** Nothing of the batch is on the disk; whatever was written on top of it falls with it. */
  #onCommitError(error: unknown, batch: readonly Waiting[]): void {
    const failed = [...batch, ...this.#queue];
    this.#queue = [];
    this.#pending.clear();
    this.#nextRevision = this.keyspace.revision + 1;
    const { message } = error as Error;
    this.#logger.error('a commit failed', { error });
    for (const { reject } of failed) reject(new StoreWriteError(message, { cause: error }));
    // A full disk may have room again. After any other error the file's state is not known.
    if (!isDiskFull(error)) this.#fail(error);
  }

  #fail(error: unknown): void {
    const message = `the store has failed: ${(error as Error).message}`;
    this.#failure = new StoreClosedError(message, { cause: error });
    for (const { reject } of this.#compactions.splice(0)) reject(this.#failure);
    this.leases.stop();
    this.hub.endAll(this.#failure);
  }

  async #compactStep(): Promise<void> {
    const compaction = this.#compactions[0]!;
    try {
      const { revision, rows, done } = compaction;
      compaction.done = await this.#committer.compact(revision, rows, done);
    } catch (error) {
      this.#compactions.shift();
      compaction.reject(error);
      if (error instanceof CommitError && !isDiskFull(error)) this.#fail(error);
      return;
    }
    if (compaction.done < compaction.rows.length) return;
    this.#compactions.shift();
    compaction.resolve();
  }

  #compactHistory(): void {
    const revision = this.keyspace.revisionToKeep(this.historyBytes / 2);
    this.#collect(revision, rowsOfDropped(this.keyspace.compact(revision)));
  }

  /** Deletes rows in the background. */
  #collect(revision: number, rows: readonly number[]): void {
    const reject = (error: unknown): void => this.#logger.error('a compaction failed', { error });
    this.#compactions.push({ revision, rows, done: 0, resolve: () => {}, reject });
    this.#schedule();
  }

  protected expire(keys: readonly string[]): void {
    for (const key of keys) {
      const current = this.keyspace.get(key);
      if (current === undefined) this.leases.clear(key);
      else if (!this.#pending.has(key)) {
        this.delete(key, current.modRevision).catch((error: unknown) => {
          this.#logger.warn('an expired key was not deleted, will retry', { key, error });
        });
      }
    }
  }

  async #close(): Promise<void> {
    this.leases.stop();
    while (this.#busy || this.#running !== undefined) await this.#start();
    this.#past.close();
    await this.#committer.close();
    this.hub.endAll();
    this.#dataDir.release();
  }
}

function rowOf(event: StoreEvent, due: number): LogRow {
  const { key, createRevision } = event.kv;
  if (event.type === 'delete')
    return { revision: event.revision, key, value: undefined, createRevision, due: 0 };
  return { revision: event.kv.modRevision, key, value: event.kv.value, createRevision, due };
}

/**
 * Opens the store in a folder, or begins one. Throws `DataDirError` when another process uses the folder, when
 * it is damaged or when something else made it; it is left as it was.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const { dir, snapshot, maxBytes } = options;
  const dataDir = takeDataDir(dir);
  let log: SqliteLog | undefined;
  try {
    log = SqliteLog.open({ path: dataDir.logPath, ...(maxBytes === undefined ? {} : { maxBytes }) });
    if (snapshot !== undefined) restore(dir, dataDir, log, snapshot);
    const past = new LogValues(dataDir.logPath);
    const loaded = loadLog(log, past);
    dataDir.markBegun();
    return new EmbeddedStore(options, { dataDir, log, past, loaded });
  } catch (error) {
    log?.close();
    dataDir.release();
    if (!(error instanceof LogFileError)) throw error;
    throw error.code === 'DAMAGED' ? damaged(dir, error.message, error) : foreign(dir, error.message, error);
  }
}

function restore(dir: string, dataDir: DataDir, log: SqliteLog, snapshot: Uint8Array): void {
  if (!dataDir.fresh)
    throw foreign(dir, 'a snapshot is restored only into a new folder, and this one is in use');
  const { revision, kvs, leases } = decodeSnapshot(snapshot);
  const rows = kvs.map(({ key, value, createRevision, modRevision }) => {
    return { revision: modRevision, key, value, createRevision, due: leases.get(key) ?? 0 };
  });
  log.restore(
    revision,
    rows.sort((a, b) => a.revision - b.revision),
  );
}
