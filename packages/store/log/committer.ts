import { extname } from 'node:path';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { CommitPlace } from './commit-place.ts';
import type { WorkerAnswer, WorkerOptions, WorkerRequest } from './commit-worker.ts';
import { packRows } from './row-batch.ts';
import type { LogRow, SqliteLog } from './sqlite-log.ts';

/** Rows of one compaction step; small enough that writes wait a few milliseconds at most. */
const compactionStep = 2_000;

/** Lies beside this module, in the sources as in a bundle. */
const workerUrl = new URL(`./commit-worker${extname(import.meta.url)}`, import.meta.url);

/** The file could not be written; `errcode` is SQLite's. */
export class CommitError extends Error {
  override readonly name = 'CommitError';
  readonly errcode: number;

  constructor(message: string, errcode: number) {
    super(message);
    this.errcode = errcode;
  }
}

/** Every so many commits goes to the thread, which carries what has been written over from SQLite's log to its file. */
const heldInARow = 63;
/** A value that takes longer to write than it takes to wake a thread. */
const largeBytes = 64 * 1024;

/**
 * Writes batches to the file, one at a time. A worker thread does, as soon as it has started; until then the calling
 * thread writes by itself, so that a start does not wait for a thread, and later where that is faster (`CommitPlace`).
 */
export class Committer {
  readonly #log: SqliteLog;
  readonly #place: Pick<CommitPlace, 'mayHold' | 'note'>;
  #held = 0;
  readonly #worker: Worker;
  readonly #requests: MessagePort;
  readonly #sent = new Int32Array(new SharedArrayBuffer(4));
  #values = new Uint8Array(new SharedArrayBuffer(64 * 1024));
  #ready = false;
  #waiting: PromiseWithResolvers<void> | undefined;
  readonly #exited: Promise<unknown>;

  /**
   * @param log the open file, which the committer takes over
   * @param onStartFailed called when there will be no thread
   */
  constructor(
    log: SqliteLog,
    onStartFailed: (error: unknown) => void,
    place: Pick<CommitPlace, 'mayHold' | 'note'> = new CommitPlace(),
  ) {
    this.#log = log;
    this.#place = place;
    const { port1, port2 } = new MessageChannel();
    this.#requests = port1;
    const options: WorkerOptions = { file: log.options, requests: port2, sent: this.#sent };
    this.#worker = new Worker(workerUrl, {
      workerData: options,
      transferList: [port2],
      name: 'store-commit',
    });
    this.#worker.on('message', (answer: WorkerAnswer) => this.#onAnswer(answer));
    this.#worker.on('error', (error) => (this.#ready ? this.#onExit(error) : onStartFailed(error)));
    this.#exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.unref();
  }

  /** Resolves when the rows are on the disk. Call it again only then. */
  async append(rows: readonly LogRow[]): Promise<void> {
    if (!this.#ready) {
      this.#log.append(rows);
      return;
    }
    if (this.#holds(rows)) {
      const began = performance.now();
      this.#log.append(rows);
      this.#place.note(performance.now() - began, true);
      return;
    }
    this.#held = 0;
    const batch = packRows(rows, (size) => this.#room(size));
    await this.#ask({ type: 'append', batch }, [batch.numbers.buffer as ArrayBuffer]);
  }

  /** Whether the calling thread writes these rows and waits for the disk. */
  #holds(rows: readonly LogRow[]): boolean {
    const [row] = rows;
    if (rows.length !== 1 || (row?.value?.length ?? 0) > largeBytes) return false;
    return this.#place.mayHold() && this.#held++ < heldInARow;
  }

  /** The same memory for batch after batch: that of each would wait in the thread for a collection of garbage. */
  #room(size: number): Uint8Array {
    if (this.#values.length < size) {
      this.#values = new Uint8Array(new SharedArrayBuffer(Math.max(size, this.#values.length * 2)));
    }
    return this.#values;
  }

  /** Deletes the rows from index `from` on, a step of them, and gives the index to go on from. */
  async compact(revision: number, rows: readonly number[], from: number): Promise<number> {
    const step = rows.slice(from, from + compactionStep);
    if (this.#ready) {
      await this.#ask({ type: 'compact', revision, rows: Float64Array.from(step) }, []);
    } else {
      this.#log.compact(revision, step);
    }
    return from + step.length;
  }

  /** Closes the file. */
  async close(): Promise<void> {
    if (this.#ready) {
      await this.#ask({ type: 'close' }, []);
      this.#worker.ref();
      await this.#exited;
    } else {
      await this.#worker.terminate();
    }
    this.#requests.close();
    this.#log.close();
  }

  #ask(request: WorkerRequest, transfer: ArrayBuffer[]): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    this.#waiting = waiting;
    // An idle store keeps no process alive; a write that is under way does.
    this.#worker.ref();
    this.#requests.postMessage(request, transfer);
    Atomics.add(this.#sent, 0, 1);
    Atomics.notify(this.#sent, 0);
    return waiting.promise;
  }

  #onAnswer(answer: WorkerAnswer): void {
    if (!this.#ready) {
      this.#ready = true;
      this.#log.leaveCheckpoints();
      return;
    }
    this.#worker.unref();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (answer.ok) {
      if (answer.tookMs !== undefined) this.#place.note(answer.tookMs, false);
      waiting?.resolve();
    } else waiting?.reject(new CommitError(answer.message, answer.errcode));
  }

  #onExit(error: unknown): void {
    this.#waiting?.reject(new CommitError(`the commit thread ended: ${String(error)}`, 0));
    this.#waiting = undefined;
  }
}
