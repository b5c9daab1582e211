import { type Informer, keyOf } from '@coxswain/controller';
import { type GroupVersionResource, isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';

/** What is kept until nobody uses it any more. */
export interface ProtectedKind {
  /** The controller's name. */
  readonly name: string;
  readonly resource: GroupVersionResource;
  readonly finalizer: string;
  /** Whether an object that is being deleted is in use; asked again with what the API has, before it goes. */
  readonly inUse: (object: KubeObject, fresh: boolean) => Promise<boolean>;
}

/** Holds objects of a kind by a finalizer and lets them go when they are deleted and nothing uses them. */
export class InUseProtection implements RunnableController {
  readonly name: string;
  readonly #context: ControllerContext;
  readonly #kind: ProtectedKind;
  readonly #objects: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext, kind: ProtectedKind) {
    this.name = kind.name;
    this.#context = context;
    this.#kind = kind;
    this.#queue = context.queue(kind.name);
    this.#objects = context.informers.informer(kind.resource);
    const changed = (object: KubeObject): void => {
      const held = object.metadata.finalizers?.includes(kind.finalizer) ?? false;
      const leaves = object.metadata.deletionTimestamp !== undefined;
      // It has to be given the finalizer, or may be ready to lose it.
      if (held === leaves) this.#queue.add(keyOf(object));
    };
    this.#objects.addHandler({ onAdd: changed, onUpdate: (_, after) => changed(after), onDelete: () => {} });
  }

  /** Looks again at an object that a user of it may have left. */
  lookAt(key: string): void {
    this.#queue.add(key);
  }

  /** Looks again at every object that waits to go. */
  lookAtAllLeaving(): void {
    for (const object of this.#objects.lister.list()) {
      if (object.metadata.deletionTimestamp !== undefined) this.#queue.add(keyOf(object));
    }
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 1, signal });
  }

  async #reconcile(key: string): Promise<void> {
    const object = this.#objects.lister.getByKey(key);
    if (object === undefined) return;
    const { finalizer, inUse } = this.#kind;
    const finalizers = object.metadata.finalizers ?? [];
    const held = finalizers.includes(finalizer);
    if (object.metadata.deletionTimestamp === undefined) {
      if (!held) await this.#write(object, [...finalizers, finalizer]);
    } else if (held && !(await inUse(object, false)) && !(await inUse(object, true))) {
      await this.#write(
        object,
        finalizers.filter((f) => f !== finalizer),
      );
    }
  }

  async #write(object: KubeObject, finalizers: readonly string[]): Promise<void> {
    const client = this.#context.client.resource(this.#kind.resource, object.metadata.namespace);
    try {
      await client.update({ ...object, metadata: { ...object.metadata, finalizers: [...finalizers] } });
    } catch (error) {
      if (isConflict(error)) this.#queue.addRateLimited(keyOf(object));
      else if (!isNotFound(error)) throw error;
    }
  }
}
