import type { Informer } from '@coxswain/controller';
import type { Clock, KubeObject } from '@coxswain/machinery';

/** Deleted objects remembered, so that one that came and went before its create was answered is not waited for. */
const tombstones = 2_000;
/** A write that the watch never shows is given up after 5 min, as upstream's expectations are. */
const givenUpAfterMs = 5 * 60_000;

interface Pending {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly kind: 'create' | 'delete';
  readonly since: number;
}

/**
 * Keeps a controller from acting on a cache that does not show its own creates and deletes yet. Unlike a count
 * of expected events it names the objects, so it cannot drift.
 */
export class PendingWrites {
  readonly #clock: Clock;
  readonly #informer: Informer;
  readonly #byOwner = new Map<string, Pending[]>();
  readonly #deleted = new Set<string>();

  constructor(informer: Informer, clock: Clock) {
    this.#informer = informer;
    this.#clock = clock;
    informer.addHandler({ onDelete: (object) => this.#bury(object.metadata.uid as string) });
  }

  created(owner: string, object: KubeObject): void {
    this.#add(owner, object, 'create');
  }

  deleted(owner: string, object: KubeObject): void {
    this.#add(owner, object, 'delete');
  }

  /** Whether the informer shows everything that was written for this owner. */
  settled(owner: string): boolean {
    const pending = this.#byOwner.get(owner);
    if (!pending) return true;
    const open = pending.filter((write) => !this.#isVisible(write));
    if (open.length === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, open);
    return open.length === 0;
  }

  forget(owner: string): void {
    this.#byOwner.delete(owner);
  }

  #add(owner: string, object: KubeObject, kind: Pending['kind']): void {
    const { uid, name, namespace } = object.metadata as { uid: string; name: string; namespace: string };
    const pending = this.#byOwner.get(owner) ?? [];
    pending.push({ uid, name, namespace, kind, since: this.#clock.now() });
    this.#byOwner.set(owner, pending);
  }

  #isVisible(write: Pending): boolean {
    if (this.#clock.now() - write.since > givenUpAfterMs || this.#deleted.has(write.uid)) return true;
    const seen = this.#informer.lister.get(write.namespace, write.name);
    if (write.kind === 'create') return seen?.metadata.uid === write.uid;
    return (
      seen === undefined || seen.metadata.uid !== write.uid || seen.metadata.deletionTimestamp !== undefined
    );
  }

  #bury(uid: string): void {
    this.#deleted.add(uid);
    if (this.#deleted.size <= tombstones) return;
    const [oldest] = this.#deleted;
    this.#deleted.delete(oldest as string);
  }
}
