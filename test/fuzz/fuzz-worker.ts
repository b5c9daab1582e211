import { workerData } from 'node:worker_threads';
import { SeededRandom } from '../support/seeded-random.ts';
import { type Input, type Target, targets } from './targets.ts';

/** What the worker is to do, and where it says what it does. */
export interface FuzzJob {
  readonly target: string;
  readonly seed: number;
  /** So long it goes on. */
  readonly milliseconds: number;
  /** CPU time that one input may take. */
  readonly inputMilliseconds: number;
  /** How many inputs were begun. */
  readonly begun: Int32Array;
  /** Length and bytes of the input that is read now: what is left of a worker that was lost. */
  readonly length: Int32Array;
  readonly input: Uint8Array;
}

const job = workerData as FuzzJob;
const target = targets[job.target] as Target;

function read(input: Input): void {
  const bytes = Buffer.from(input);
  job.input.set(bytes.subarray(0, job.input.length));
  Atomics.store(job.length, 0, bytes.length);
  Atomics.add(job.begun, 0, 1);
  const start = process.threadCpuUsage();
  try {
    target.run(input);
  } catch (error) {
    if (!(error instanceof Error) || !target.errors.includes(error.name)) throw error;
  }
  const { user, system } = process.threadCpuUsage(start);
  const spent = (user + system) / 1_000;
  if (spent > job.inputMilliseconds) throw new Error(`the input took ${Math.round(spent)} ms of CPU time`);
}

const random = new SeededRandom(job.seed);
for (const input of target.hostile) read(input);
const end = performance.now() + job.milliseconds;
while (performance.now() < end) read(target.make(random));
