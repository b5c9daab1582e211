import { parentPort, workerData } from 'node:worker_threads';
import { type RowBatch, unpackRows } from './row-batch.ts';
import { SqliteLog } from './sqlite-log.ts';

/** What the worker is asked; it answers each with a `WorkerAnswer`, in order. */
export type WorkerRequest =
  | { readonly type: 'append'; readonly batch: RowBatch }
  | { readonly type: 'compact'; readonly revision: number; readonly rows: Float64Array }
  | { readonly type: 'close' };

export type WorkerAnswer =
  | { readonly ok: true }
  | { readonly ok: false; readonly message: string; readonly errcode: number };

/** Waits for the disk in a thread of its own, so that the main one never does. */
function serve(path: string, port: NonNullable<typeof parentPort>): void {
  const log = SqliteLog.open(path);
  const handle = (request: WorkerRequest): void => {
    if (request.type === 'append') log.append(unpackRows(request.batch));
    else if (request.type === 'compact') log.compact(request.revision, request.rows);
    else log.close();
  };
  port.on('message', (request: WorkerRequest) => {
    let answer: WorkerAnswer = { ok: true };
    try {
      handle(request);
    } catch (error) {
      const { message, errcode = 0 } = error as Error & { errcode?: number };
      answer = { ok: false, message, errcode };
    }
    port.postMessage(answer);
    if (request.type === 'close') port.close();
  });
  port.postMessage({ ok: true } satisfies WorkerAnswer);
}

if (parentPort !== null) serve(workerData.path, parentPort);
