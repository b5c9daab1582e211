import type { SyncReason } from './sync-error.ts';

interface WaitingReason {
  readonly reason: SyncReason;
  readonly message: string;
}

/** Why the containers of a pod did not start at the last try, by pod uid and container name. */
export class ReasonCache {
  readonly #reasons = new Map<string, Map<string, WaitingReason>>();

  get(uid: string, container: string): WaitingReason | undefined {
    return this.#reasons.get(uid)?.get(container);
  }

  set(uid: string, container: string, reason: WaitingReason): void {
    const pod = this.#reasons.get(uid) ?? new Map<string, WaitingReason>();
    this.#reasons.set(uid, pod.set(container, reason));
  }

  clear(uid: string, container: string): void {
    this.#reasons.get(uid)?.delete(container);
  }

  forgetPod(uid: string): void {
    this.#reasons.delete(uid);
  }
}
