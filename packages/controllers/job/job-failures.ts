import type { KubeObject } from '@coxswain/machinery';
import { finishedAt, isFailed } from './job-pod.ts';

/** The first wait after a failed pod, doubled with every further one. */
const initialMs = 10_000;
const maxMs = 10 * 60_000;

interface Failures {
  readonly count: number;
  readonly lastAt: number;
}

/** How long new pods wait after `count` failures, ms. */
export function failureDelay(count: number, lastAt: number, now: number): number {
  if (count === 0) return 0;
  return Math.max(0, lastAt + Math.min(maxMs, initialMs * 2 ** (count - 1)) - now);
}

/** Remembers each job's failures since its last success. */
export class JobFailures {
  readonly #byJob = new Map<string, Failures>();

  /** Takes in pods that ended since the last call for this job. */
  record(key: string, job: KubeObject, finished: readonly KubeObject[], now: number): void {
    if (finished.length === 0) return;
    let { count, lastAt } = this.#byJob.get(key) ?? { count: 0, lastAt: 0 };
    const ordered = finished.map((pod) => ({ pod, at: finishedAt(pod, now) })).sort((a, b) => a.at - b.at);
    for (const { pod, at } of ordered) {
      if (isFailed(job, pod)) {
        count++;
        lastAt = Math.max(lastAt, at);
      } else count = 0;
    }
    this.#byJob.set(key, { count, lastAt });
  }

  /** Milliseconds until the job may have new pods. */
  remaining(key: string, now: number): number {
    const { count, lastAt } = this.#byJob.get(key) ?? { count: 0, lastAt: 0 };
    return failureDelay(count, lastAt, now);
  }

  forget(key: string): void {
    this.#byJob.delete(key);
  }
}
