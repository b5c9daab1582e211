import { Worker } from 'node:worker_threads';
import type { LoadReport, LoadTask } from './load-thread.ts';

/** The main thread's side of a thread that makes load. */
export class LoadThread {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async start(task: LoadTask): Promise<LoadThread> {
    const thread = new LoadThread(
      new Worker(new URL('./load-thread.ts', import.meta.url), { workerData: task }),
    );
    await thread.#next();
    return thread;
  }

  async report(): Promise<LoadReport> {
    const answer = this.#next();
    this.#worker.postMessage('report');
    return (await answer) as LoadReport;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.postMessage('stop');
    await ended;
  }

  #next(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#worker.once('error', reject);
      this.#worker.once('message', (message) => {
        this.#worker.off('error', reject);
        resolve(message);
      });
    });
  }
}
