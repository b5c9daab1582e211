import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type RowBatch, unpackRows } from './row-batch.ts';
import { type LogOptions, SqliteLog } from './sqlite-log.ts';

/** What the worker is asked; it answers each with a `WorkerAnswer`, in order. */
export type WorkerRequest =
  | { readonly type: 'append'; readonly batch: RowBatch }
  | { readonly type: 'compact'; readonly revision: number; readonly rows: Float64Array }
  | { readonly type: 'close' };

export type WorkerAnswer =
  | {
      readonly ok: true;
      /** Milliseconds that a row took to be on the disk. */
      readonly tookMs?: number;
    }
  | { readonly ok: false; readonly message: string; readonly errcode: number };

export interface WorkerOptions {
  readonly file: LogOptions;
  /** Brings the requests. */
  readonly requests: MessagePort;
  /** Counts the requests sent. */
  readonly sent: Int32Array;
}

let copy = new Uint8Array(0);

/** SQLite takes no memory that is shared. */
function own(values: Uint8Array): Uint8Array {
  if (copy.length < values.length) copy = new Uint8Array(Math.max(values.length, copy.length * 2));
  copy.set(values);
  return copy.subarray(0, values.length);
}

/**
 * Waits for the disk in a thread of its own, so that the main one never does. It sleeps on the counter and
 * not in an event loop, which takes a quarter of the time from a request to its answer.
 */
function serve(options: WorkerOptions, answers: NonNullable<typeof parentPort>): void {
  const { file, requests, sent } = options;
  const log = SqliteLog.open(file);
  const answer = (value: WorkerAnswer): void => answers.postMessage(value);
  answer({ ok: true });
  for (let open = true, seen = 0; open; ) {
    Atomics.wait(sent, 0, seen);
    seen = Atomics.load(sent, 0);
    for (let next = receiveMessageOnPort(requests); next; next = receiveMessageOnPort(requests)) {
      const request = next.message as WorkerRequest;
      try {
        if (request.type === 'append') {
          const rows = unpackRows({ ...request.batch, values: own(request.batch.values) });
          const began = performance.now();
          log.append(rows);
          const took = performance.now() - began;
          answer(rows.length === 1 ? { ok: true, tookMs: took } : { ok: true });
          continue;
        }
        if (request.type === 'compact') log.compact(request.revision, request.rows);
        else {
          log.close();
          open = false;
        }
        answer({ ok: true });
      } catch (error) {
        const { message, errcode = 0 } = error as Error & { errcode?: number };
        answer({ ok: false, message, errcode });
      }
    }
  }
  requests.close();
}

if (parentPort !== null) serve(workerData, parentPort);
