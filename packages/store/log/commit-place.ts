import { performance } from 'node:perf_hooks';

/** A disk that takes longer than this, in the mean of recent commits, is waited for by the thread. */
const fastMs = 0.6;
/** A single commit that took longer keeps the calling thread away from the disk for a while. */
const stallMs = 3;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** So much of its time at least must the event loop have been idle lately. */
const idleShare = 0.1;
/** What a new measurement counts for in a mean. */
const weight = 1 / 16;

/** Milliseconds since some moment, and how many of them the event loop had nothing to do. */
export interface LoopTime {
  readonly now: number;
  readonly idle: number;
}

function loopTime(): LoopTime {
  const { idle } = performance.eventLoopUtilization();
  return { now: performance.now(), idle };
}

/**
 * Decides whether the calling thread may wait for the disk itself. The way to another thread and back takes longer
 * than a fast disk does, which is most of what somebody waits who makes one write after the other. The event loop is
 * held meanwhile: only while it has time to spare, only while the disk is known to be fast, and not again for a while
 * after the disk kept it waiting.
 */
export class CommitPlace {
  readonly #time: () => LoopTime;
  #last: LoopTime;
  #idle = 0;
  /** Nothing is known of the disk at first. */
  #took = Number.POSITIVE_INFINITY;
  #pausedUntil = 0;
  #pause = firstPauseMs;

  constructor(time: () => LoopTime = loopTime) {
    this.#time = time;
    this.#last = time();
  }

  /** Asked once for every commit of a single row. */
  mayHold(): boolean {
    const last = this.#last;
    const time = this.#time();
    this.#last = time;
    const passed = time.now - last.now;
    if (passed > 0) this.#idle += weight * ((time.idle - last.idle) / passed - this.#idle);
    return this.#idle >= idleShare && this.#took <= fastMs && time.now >= this.#pausedUntil;
  }

  /**
   * @param tookMs what a commit took, wherever it was done
   * @param held it was done by the calling thread
   */
  note(tookMs: number, held: boolean): void {
    this.#took = Number.isFinite(this.#took) ? this.#took + weight * (tookMs - this.#took) : tookMs;
    if (!held) return;
    if (tookMs > stallMs) {
      this.#pausedUntil = this.#time().now + this.#pause;
      this.#pause = Math.min(this.#pause * 2, longestPauseMs);
    } else if (this.#pause > firstPauseMs) {
      // Trust comes back slowly: a disk that stalls every few seconds is left to the thread.
      this.#pause = Math.max(firstPauseMs, this.#pause * 0.999);
    }
  }
}
