import type { Client } from '@coxswain/client';
import { isNotFound, type KubeObject } from '@coxswain/machinery';
import { pods } from '../shared/resources.ts';
import { trackingFinalizer } from './job-pod.ts';

/** Takes the tracking finalizer off pods, and remembers that until the cache shows it. */
export class PodReleaser {
  readonly #client: Client;
  readonly #released = new Set<string>();
  /** Ended pods whose end has been taken in already, so that each counts once for the back-off. */
  readonly #noted = new Map<string, Set<string>>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** UIDs of pods that have lost the finalizer though the cache may not show it. */
  get released(): ReadonlySet<string> {
    return this.#released;
  }

  /** The cache shows that the pod has no finalizer, or no pod. */
  seen(uid: string): void {
    this.#released.delete(uid);
  }

  /** Those of the ended pods that were not asked about before. */
  unseenBy(job: string, ended: readonly KubeObject[]): KubeObject[] {
    const noted = this.#noted.get(job) ?? new Set<string>();
    const fresh = ended.filter((pod) => !noted.has(pod.metadata.uid as string));
    // Only what is still shown as new can be asked about again.
    if (ended.length === 0) this.#noted.delete(job);
    else this.#noted.set(job, new Set(ended.map((pod) => pod.metadata.uid as string)));
    return fresh;
  }

  async release(pod: KubeObject): Promise<void> {
    const { name, namespace, uid } = pod.metadata as { name: string; namespace: string; uid: string };
    if (this.#released.has(uid)) return;
    // Noted before it is done: the event that shows it, and clears the note, may come before the answer.
    this.#released.add(uid);
    try {
      await this.#client.resource(pods, namespace).patch(name, 'application/strategic-merge-patch+json', {
        metadata: { uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] },
      });
    } catch (error) {
      this.#released.delete(uid);
      if (!isNotFound(error)) throw error;
    }
  }
}
