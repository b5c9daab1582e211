import { once } from 'node:events';
import { it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { systemClock } from '@coxswain/machinery';
import { countFromEnvironment, seedOfRun } from '../support/seeded-random.ts';
import type { FuzzJob } from './fuzz-worker.ts';
import { targets } from './targets.ts';

/** Longer: `COX_FUZZ_SECONDS=3600`. Shared by all targets. */
const seconds = countFromEnvironment('COX_FUZZ_SECONDS', 30);
/** No input is larger than a request may be; the largest take a tenth of this. */
const inputMilliseconds = 5_000;
/** A worker that begins no new input for so long hangs, however busy the machine is. */
const hangMilliseconds = 60_000;
const heapMegabytes = 1_024;
const shownBytes = 2_000;

const seed = seedOfRun();

for (const target of Object.keys(targets)) {
  it(`${target}: whatever is read ends in time, in an object or in an error of its own`, async (t) => {
    const job: FuzzJob = {
      target,
      seed,
      milliseconds: (seconds * 1_000) / Object.keys(targets).length,
      inputMilliseconds,
      begun: new Int32Array(new SharedArrayBuffer(4)),
      length: new Int32Array(new SharedArrayBuffer(4)),
      input: new Uint8Array(new SharedArrayBuffer(1 << 20)),
    };
    const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), {
      workerData: job,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
    });
    const watchdog = watch(job, () => void worker.terminate());
    try {
      const [code] = await once(worker, 'exit');
      if (watchdog.hangs) throw new Error('the worker hangs');
      if (code !== 0) throw new Error(`the worker ended with ${code}`);
    } catch (cause) {
      throw new Error(`input ${job.begun[0]} of COX_SEED=${seed}: ${shownInput(job)}`, { cause });
    } finally {
      watchdog.stop();
    }
    t.diagnostic(`${job.begun[0]} inputs`);
  });
}

interface Watchdog {
  readonly hangs: boolean;
  stop(): void;
}

/** Ends a worker that makes no progress. */
function watch(job: FuzzJob, end: () => void): Watchdog {
  let hangs = false;
  let last = -1;
  let timer = systemClock.after(hangMilliseconds, check);
  function check(): void {
    const begun = Atomics.load(job.begun, 0);
    hangs = begun === last;
    last = begun;
    if (hangs) end();
    else timer = systemClock.after(hangMilliseconds, check);
  }
  return {
    get hangs() {
      return hangs;
    },
    stop: () => timer.cancel(),
  };
}

function shownInput({ length, input }: FuzzJob): string {
  const size = length[0] ?? 0;
  const bytes = Buffer.from(input.subarray(0, Math.min(size, shownBytes)));
  return `${size} bytes, ${JSON.stringify(bytes.toString('latin1'))}`;
}
