import type { Clock, Logger, Timer } from '@coxswain/machinery';
import type { Pod, PodStatus } from '../types.ts';
import { formatPod } from './pod-names.ts';

/** A pod is synced again after this long even if nothing happens; spread by up to as much again. */
const resyncMs = 60_000;
/** After a failed sync that does not say when to try again. */
const retryMs = 2_000;
const maxRetryMs = 10_000;

/** A request to end a pod for a reason of the node's. */
export interface PodKill {
  /** Seconds; absent: the pod's own. */
  readonly gracePeriod?: number;
  /** Changes the status that is reported, such as to Failed with the reason Evicted. */
  readonly status?: (status: PodStatus) => PodStatus;
}

/** What a sync says when it did not get to its end: try again after so many ms. */
export interface SyncOutcome {
  /** The pod will not run again: stop what is left of it. */
  readonly terminal: boolean;
  readonly retryAfterMs?: number;
}

/** The three acts of a pod's life, done one at a time for each pod. Each may be repeated; throwing retries. */
export interface PodSyncHandlers {
  syncPod(pod: Pod, signal: AbortSignal): Promise<SyncOutcome>;
  /** Stops everything. `gracePeriod` in seconds, absent: the pod's own. */
  syncTerminatingPod(pod: Pod, gracePeriod: number | undefined, kill: PodKill | undefined): Promise<void>;
  /** Takes away what the stopped pod had. */
  syncTerminatedPod(pod: Pod): Promise<void>;
  /** Nothing is left to do. `removed`: the API server does not have the pod any more. */
  onFinished(pod: Pod, removed: boolean): void;
  /** The grace period of a pod that is being stopped got shorter. */
  hurry(pod: Pod, gracePeriod: number): void;
}

type Phase = 'sync' | 'terminating' | 'terminated' | 'finished';

interface Worker {
  pod: Pod;
  phase: Phase;
  running: boolean;
  dirty: boolean;
  removed: boolean;
  /** Seconds; the shortest that was asked for. */
  gracePeriod: number | undefined;
  kill: PodKill | undefined;
  failures: number;
  timer: Timer | undefined;
  abort: AbortController;
}

/** Runs each pod through its life: sync while it lives, terminating while it is stopped, terminated at the end. */
export class PodWorkers {
  readonly #handlers: PodSyncHandlers;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #workers = new Map<string, Worker>();
  #closed = false;

  constructor(handlers: PodSyncHandlers, clock: Clock, logger: Logger) {
    this.#handlers = handlers;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** A new pod, or a new version of one. */
  update(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const worker = this.#workers.get(uid) ?? this.#create(uid, pod);
    worker.pod = pod;
    const { phase } = pod.status;
    if (pod.metadata.deletionTimestamp) {
      this.#terminate(worker, deletionGraceOf(pod));
    } else if (phase === 'Failed' || phase === 'Succeeded') this.#terminate(worker, undefined);
    this.#wake(uid, worker);
  }

  /** A version of the pod that asks for nothing new. */
  replace(pod: Pod): void {
    const worker = this.#workers.get(pod.metadata.uid ?? '');
    if (worker) worker.pod = pod;
  }

  /** The API server does not have the pod any more. */
  remove(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const worker = this.#workers.get(uid);
    if (!worker) return;
    worker.removed = true;
    // Force-deleted: nobody waits for it, but it still gets its own grace period, as upstream gives it.
    this.#terminate(worker, deletionGraceOf(pod));
    this.#wake(uid, worker);
  }

  /** Ends the pod for a reason of the node's. */
  kill(uid: string, kill: PodKill): void {
    const worker = this.#workers.get(uid);
    if (!worker) return;
    worker.kill ??= kill;
    this.#terminate(worker, kill.gracePeriod);
    this.#wake(uid, worker);
  }

  /** Something that the pod depends on has changed. */
  sync(uid: string): void {
    const worker = this.#workers.get(uid);
    if (worker && worker.phase !== 'finished') this.#wake(uid, worker);
  }

  pod(uid: string): Pod | undefined {
    return this.#workers.get(uid)?.pod;
  }

  knows(uid: string): boolean {
    return this.#workers.has(uid);
  }

  /** The pod is being stopped, or has been. */
  isTerminating(uid: string): boolean {
    const phase = this.#workers.get(uid)?.phase;
    return phase !== undefined && phase !== 'sync';
  }

  isFinished(uid: string): boolean {
    return this.#workers.get(uid)?.phase === 'finished';
  }

  pods(): readonly Pod[] {
    return [...this.#workers.values()].map((w) => w.pod);
  }

  /** Leaves everything as it is: the containers go on running. */
  close(): void {
    this.#closed = true;
    for (const worker of this.#workers.values()) {
      worker.timer?.cancel();
      worker.abort.abort();
    }
  }

  #create(uid: string, pod: Pod): Worker {
    const worker: Worker = {
      pod,
      phase: 'sync',
      running: false,
      dirty: false,
      removed: false,
      gracePeriod: undefined,
      kill: undefined,
      failures: 0,
      timer: undefined,
      abort: new AbortController(),
    };
    this.#workers.set(uid, worker);
    return worker;
  }

  #terminate(worker: Worker, gracePeriod: number | undefined): void {
    const shorter =
      gracePeriod !== undefined && (worker.gracePeriod === undefined || gracePeriod < worker.gracePeriod);
    if (shorter) worker.gracePeriod = gracePeriod;
    if (worker.phase === 'sync') {
      worker.phase = 'terminating';
      // A sync that waits, for a volume or a hook, is not worth waiting for any more.
      worker.abort.abort();
    } else if (worker.phase === 'terminating' && shorter && worker.running) {
      this.#handlers.hurry(worker.pod, gracePeriod);
    }
  }

  #wake(uid: string, worker: Worker): void {
    worker.dirty = true;
    if (worker.running || this.#closed) return;
    worker.running = true;
    worker.timer?.cancel();
    void this.#drain(uid, worker);
  }

  async #drain(uid: string, worker: Worker): Promise<void> {
    let waitMs = resyncMs * (1 + jitter(uid));
    while (worker.dirty && !this.#closed) {
      worker.dirty = false;
      const { phase } = worker;
      try {
        waitMs = await this.#step(uid, worker);
        worker.failures = 0;
      } catch (error) {
        // A sync that was cut short by the pod's end has not failed.
        if (phase !== worker.phase) continue;
        worker.failures++;
        waitMs = Math.min(maxRetryMs, retryMs * worker.failures);
        this.#logger.warn('could not sync a pod', {
          pod: formatPod(worker.pod),
          phase,
          error: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      }
    }
    worker.running = false;
    if (this.#closed || !this.#workers.has(uid) || worker.phase === 'finished') return;
    worker.timer = this.#clock.after(waitMs, () => this.#wake(uid, worker));
  }

  /** One act; gives the ms after which to come back. */
  async #step(uid: string, worker: Worker): Promise<number> {
    const usual = resyncMs * (1 + jitter(uid));
    const { pod } = worker;
    switch (worker.phase) {
      case 'sync': {
        const outcome = await this.#handlers.syncPod(pod, worker.abort.signal);
        if (outcome.terminal) {
          this.#terminate(worker, undefined);
          worker.dirty = true;
        }
        return outcome.retryAfterMs ?? usual;
      }
      case 'terminating':
        await this.#handlers.syncTerminatingPod(pod, worker.gracePeriod, worker.kill);
        worker.phase = 'terminated';
        worker.dirty = true;
        return usual;
      case 'terminated':
        await this.#handlers.syncTerminatedPod(pod);
        worker.phase = 'finished';
        worker.dirty = true;
        return usual;
      case 'finished':
        if (worker.removed) this.#workers.delete(uid);
        this.#handlers.onFinished(pod, worker.removed);
        return usual;
    }
  }
}

/** Between 0 and 1, the same for a pod always: syncs of many pods spread over time. */
function jitter(uid: string): number {
  let hash = 0;
  for (let i = 0; i < uid.length; i++) hash = (hash * 31 + uid.charCodeAt(i)) >>> 0;
  return (hash % 1000) / 1000;
}

/** Seconds; absent: the pod is not being deleted. */
function deletionGraceOf({ metadata }: Pod): number | undefined {
  const { deletionGracePeriodSeconds } = metadata;
  return deletionGracePeriodSeconds === undefined ? undefined : Number(deletionGracePeriodSeconds);
}
