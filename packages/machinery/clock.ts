/** A pending timer. */
export interface Timer {
  /** Stops the timer; does nothing when it has fired or was cancelled. */
  cancel(): void;
}

/**
 * The only source of time. Components take one as a parameter, so that a test can wind it.
 * Nothing outside this folder calls `Date.now()`, `setTimeout` or `setInterval`.
 */
export interface Clock {
  /** Wall time in milliseconds since 1970. */
  now(): number;
  /** Monotonic time in milliseconds, for measuring durations. */
  monotonic(): number;
  /** Calls `fn` once after `ms` milliseconds. A timer never keeps the process alive by itself. */
  after(ms: number, fn: () => void): Timer;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** setTimeout takes a signed 32-bit delay; longer waits are re-armed. */
const longestTimeout = 2 ** 31 - 1;

class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  after(ms: number, fn: () => void): Timer {
    const due = performance.now() + ms;
    let handle: NodeJS.Timeout;
    const arm = (): void => {
      const left = due - performance.now();
      handle = setTimeout(left > longestTimeout ? arm : fn, Math.max(0, Math.min(left, longestTimeout)));
      handle.unref();
    };
    arm();
    return { cancel: () => clearTimeout(handle) };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }
}

/** Builds `sleep` from `after`, for every clock. */
function sleepOn(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The clock of the machine. */
export const systemClock: Clock = new SystemClock();

interface Pending {
  readonly due: number;
  readonly sequence: number;
  readonly fn: () => void;
}

/**
 * A clock that stands still until it is advanced. Timers fire in order of their due time, equal times in
 * order of creation, each after the microtasks of the one before it have run.
 */
export class VirtualClock implements Clock {
  #now: number;
  #elapsed = 0;
  #sequence = 0;
  readonly #pending = new Set<Pending>();

  /** @param start wall time in milliseconds since 1970 */
  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(ms: number, fn: () => void): Timer {
    const entry: Pending = { due: this.#now + Math.max(0, ms), sequence: this.#sequence++, fn };
    this.#pending.add(entry);
    return { cancel: () => void this.#pending.delete(entry) };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, ms, signal);
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Winds the clock forward by `ms`, firing every timer that falls due on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#pending.delete(next);
      this.#moveTo(next.due);
      next.fn();
      await settle();
    }
    this.#moveTo(end);
  }

  #next(end: number): Pending | undefined {
    let best: Pending | undefined;
    for (const entry of this.#pending) {
      if (entry.due > end) continue;
      if (!best || entry.due < best.due || (entry.due === best.due && entry.sequence < best.sequence)) {
        best = entry;
      }
    }
    return best;
  }

  #moveTo(time: number): void {
    if (time <= this.#now) return;
    this.#elapsed += time - this.#now;
    this.#now = time;
  }
}

/** Lets the promise reactions and immediates that are ready run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Of all that is formatted, most is of one second: now. */
let lastSecond = Number.NaN;
let lastTime = '';

/** metav1.Time: RFC 3339, UTC, whole seconds. */
export function formatTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastTime = `${new Date(ms).toISOString().slice(0, 19)}Z`;
    lastSecond = second;
  }
  return lastTime;
}

/** metav1.MicroTime: RFC 3339, UTC, six decimals. */
export function formatMicroTime(ms: number): string {
  const whole = Math.floor(ms);
  const micros = Math.floor((ms - whole) * 1000);
  return `${new Date(whole).toISOString().slice(0, 23)}${String(micros).padStart(3, '0')}Z`;
}
