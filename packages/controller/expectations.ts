import { type Clock, systemClock } from '@coxswain/machinery';

/** client-go's: a watch event that has not come in 5 minutes is no longer waited for. */
const expectationsTimeoutMs = 5 * 60_000;

interface Expected {
  creations: number;
  /** Keys whose deletion has not been seen. */
  readonly deletions: Set<string>;
  readonly since: number;
}

/**
 * What a controller has done and not yet seen through its informer (ControllerExpectations, with deletions
 * tracked by key as UIDTrackingControllerExpectations does). Keeps it from acting twice on an old view.
 */
export class Expectations {
  readonly #clock: Clock;
  readonly #byKey = new Map<string, Expected>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Whether all was seen, or it took too long, or nothing is expected. */
  satisfied(key: string): boolean {
    const expected = this.#byKey.get(key);
    if (expected === undefined) return true;
    if (expected.creations <= 0 && expected.deletions.size === 0) return true;
    return this.#clock.monotonic() - expected.since > expectationsTimeoutMs;
  }

  expectCreations(key: string, count: number): void {
    this.#byKey.set(key, { creations: count, deletions: new Set(), since: this.#clock.monotonic() });
  }

  /** @param deleted keys of the objects to be deleted; UIDs or names */
  expectDeletions(key: string, deleted: Iterable<string>): void {
    this.#byKey.set(key, { creations: 0, deletions: new Set(deleted), since: this.#clock.monotonic() });
  }

  /** A creation was seen in the watch, or failed. */
  creationObserved(key: string): void {
    const expected = this.#byKey.get(key);
    if (expected !== undefined) expected.creations--;
  }

  /** A deletion was seen in the watch, or failed. */
  deletionObserved(key: string, deleted: string): void {
    this.#byKey.get(key)?.deletions.delete(deleted);
  }

  /** Forgets the key, when its object is gone. */
  forget(key: string): void {
    this.#byKey.delete(key);
  }
}
