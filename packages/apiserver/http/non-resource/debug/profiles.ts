import type { Session } from 'node:inspector/promises';
import type { Clock } from '@coxswain/machinery';

/** A profile in one of the forms that the developer tools of Chrome and editors open. */
export interface Profile {
  readonly fileName: string;
  readonly json: string;
}

/** How memory is sampled: one allocation of so many bytes, V8's default. */
const samplingBytes = 32 * 1024;

/** What is profiled, with one session at a time: a profile of a profile tells nothing. */
export class Profiler {
  readonly #clock: Clock;
  #busy = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Where the processor's time goes, as `.cpuprofile`. Undefined while another profile is made. */
  cpu(seconds: number, gone: AbortSignal): Promise<Profile | undefined> {
    return this.#measure(async (session) => {
      await session.post('Profiler.enable');
      await session.post('Profiler.start');
      await this.#clock.sleep(seconds * 1000, gone);
      const { profile } = await session.post('Profiler.stop');
      return { fileName: 'profile.cpuprofile', json: JSON.stringify(profile) };
    });
  }

  /** What is allocated meanwhile and still there at the end, as `.heapprofile`. */
  allocations(seconds: number, gone: AbortSignal): Promise<Profile | undefined> {
    return this.#measure(async (session) => {
      await session.post('HeapProfiler.startSampling', { samplingInterval: samplingBytes });
      await this.#clock.sleep(seconds * 1000, gone);
      const { profile } = await session.post('HeapProfiler.stopSampling');
      return { fileName: 'allocs.heapprofile', json: JSON.stringify(profile) };
    });
  }

  async #measure(run: (session: Session) => Promise<Profile>): Promise<Profile | undefined> {
    if (this.#busy) return undefined;
    this.#busy = true;
    try {
      // Loaded when somebody asks: a server that nobody profiles goes without.
      const { Session } = await import('node:inspector/promises');
      const session = new Session();
      session.connect();
      try {
        return await run(session);
      } finally {
        session.disconnect();
      }
    } finally {
      this.#busy = false;
    }
  }
}
