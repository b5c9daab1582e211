import { type Informer, keyOf } from '@coxswain/controller';
import { isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { secrets } from '../shared/resources.ts';
import { bootstrapTokens } from './bootstrap-signer.ts';
import { untilExpired } from './token-secret.ts';

/** Deletes bootstrap tokens when their time is over. */
export class TokenCleaner implements RunnableController {
  readonly name = 'token-cleaner-controller';
  readonly #context: ControllerContext;
  readonly #secrets: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#secrets = bootstrapTokens(context);
    const enqueue = (secret: KubeObject): void => this.#queue.add(keyOf(secret));
    this.#secrets.addHandler({ onAdd: enqueue, onUpdate: (_, after) => enqueue(after) });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 1, signal });
  }

  async #reconcile(key: string): Promise<{ requeueAfterMs: number } | undefined> {
    const secret = this.#secrets.lister.getByKey(key);
    if (!secret) return undefined;
    const left = untilExpired(secret, this.#context.clock.now());
    if (left === undefined) return undefined;
    if (left > 0) return { requeueAfterMs: left };
    const { uid, resourceVersion, namespace, name } = secret.metadata as Record<string, string>;
    try {
      await this.#context.client.resource(secrets, namespace).delete(name as string, {
        preconditions: { uid: uid as string, resourceVersion: resourceVersion as string },
      });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    return undefined;
  }
}
