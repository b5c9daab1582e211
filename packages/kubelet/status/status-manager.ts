import type { Client } from '@coxswain/client';
import { type Clock, deepEqual, formatTime, isConflict, isNotFound, type Logger } from '@coxswain/machinery';
import type { Pod, PodCondition, PodStatus } from '../types.ts';
import { statusPatch } from './status-patch.ts';

const pods = { group: '', version: 'v1', resource: 'pods' };
/** Between tries to write a status, while the API server does not take it. */
const retryMs = 1_000;
const maxRetryMs = 10_000;

interface Entry {
  pod: Pod;
  status: PodStatus;
  /** What the API server is known to hold; absent: nothing yet but what the pod said. */
  written: PodStatus | undefined;
  /** The node is through with the pod: it may go when its deletion was asked for. */
  finished: boolean;
  syncing: boolean;
  dirty: boolean;
  failures: number;
}

/** Writes the statuses of pods to the API server, one write in flight a pod, the newest status only. */
export class StatusManager {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #entries = new Map<string, Entry>();
  readonly #target: (pod: Pod) => Pod | undefined;
  #closed = false;

  /**
   * @param parts.target the object that shows a pod's status: the pod itself, or the mirror of a static pod;
   *   absent while there is none
   */
  constructor(parts: {
    readonly client: Client;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly target?: (pod: Pod) => Pod | undefined;
  }) {
    this.#target = parts.target ?? ((pod) => pod);
    this.#client = parts.client;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** The newest status, written or not. */
  get(uid: string): PodStatus | undefined {
    return this.#entries.get(uid)?.status;
  }

  /** Takes a new status; keeps the times of conditions that did not change. */
  set(pod: Pod, status: PodStatus): void {
    const uid = pod.metadata.uid ?? '';
    const entry = this.#entry(pod);
    const old = entry.status;
    const next: PodStatus = {
      ...status,
      startTime: old.startTime ?? formatTime(this.#clock.now()),
      conditions: this.#stamp(status.conditions ?? [], old.conditions ?? []),
    };
    entry.pod = pod;
    if (entry.written !== undefined && deepEqual(next, old) && !entry.finished) return;
    entry.status = next;
    this.#wake(uid, entry);
  }

  /** The pod runs no more and its things are gone: write its last status, and let it go if it is deleted. */
  finish(pod: Pod): void {
    const entry = this.#entry(pod);
    entry.pod = pod;
    entry.finished = true;
    this.#wake(pod.metadata.uid ?? '', entry);
  }

  /** The API server has a new version of the pod. */
  observe(pod: Pod): void {
    const entry = this.#entries.get(pod.metadata.uid ?? '');
    if (!entry) return;
    entry.pod = pod;
    if (entry.finished && pod.metadata.deletionTimestamp) this.#wake(pod.metadata.uid ?? '', entry);
  }

  /** The object that shows the pod's status has come, or another has taken its place. */
  retarget(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const entry = this.#entries.get(uid);
    if (!entry) return;
    entry.written = undefined;
    this.#wake(uid, entry);
  }

  forget(uid: string): void {
    this.#entries.delete(uid);
  }

  close(): void {
    this.#closed = true;
  }

  #entry(pod: Pod): Entry {
    const uid = pod.metadata.uid ?? '';
    const known = this.#entries.get(uid);
    if (known) return known;
    const entry: Entry = {
      pod,
      status: pod.status,
      written: undefined,
      finished: false,
      syncing: false,
      dirty: false,
      failures: 0,
    };
    this.#entries.set(uid, entry);
    return entry;
  }

  #stamp(conditions: readonly PodCondition[], before: readonly PodCondition[]): PodCondition[] {
    const now = formatTime(this.#clock.now());
    return conditions.map((condition) => {
      const old = before.find((b) => b.type === condition.type);
      const lastTransitionTime =
        old?.status === condition.status ? (old.lastTransitionTime ?? now) : (now as string);
      return { ...condition, lastTransitionTime };
    });
  }

  #wake(uid: string, entry: Entry): void {
    entry.dirty = true;
    if (entry.syncing) return;
    entry.syncing = true;
    void this.#drain(uid, entry);
  }

  async #drain(uid: string, entry: Entry): Promise<void> {
    while (entry.dirty && !this.#closed && this.#entries.get(uid) === entry) {
      entry.dirty = false;
      try {
        await this.#write(uid, entry);
        entry.failures = 0;
      } catch (error) {
        entry.failures++;
        entry.dirty = true;
        this.#logger.warn('could not write the status of a pod', {
          pod: `${entry.pod.metadata.namespace}/${entry.pod.metadata.name}`,
          error: String(error),
        });
        await this.#clock.sleep(Math.min(maxRetryMs, retryMs * entry.failures));
      }
    }
    entry.syncing = false;
  }

  async #write(uid: string, entry: Entry): Promise<void> {
    const target = this.#target(entry.pod);
    if (!target) return;
    const { name = '', namespace = '', uid: targetUid } = target.metadata;
    const resource = this.#client.resource(pods, namespace);
    const { status } = entry;
    const patch = statusPatch(entry.written ?? target.status ?? {}, status);
    try {
      if (patch) {
        // The uid keeps a pod of the same name that came after from getting this one's status.
        const body = { metadata: { uid: targetUid }, status: patch };
        const options = { subresource: 'status' };
        await resource.patch(name, 'application/strategic-merge-patch+json', body, options);
      }
      entry.written = status;
      if (entry.finished && !entry.dirty && entry.pod.metadata.deletionTimestamp) {
        await resource.delete(name, { gracePeriodSeconds: 0, preconditions: { uid } });
        this.#entries.delete(uid);
      }
    } catch (error) {
      // Gone, or replaced by another of its name: nobody is left to tell.
      if (!isNotFound(error) && !isConflict(error)) throw error;
      if (target === entry.pod) this.#entries.delete(uid);
    }
  }
}
