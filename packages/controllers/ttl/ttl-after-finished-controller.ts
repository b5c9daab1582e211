import { type Informer, keyOf, type ReconcileResult } from '@coxswain/controller';
import { isConflict, isNotFound, type KubeObject } from '@coxswain/machinery';
import { conditionOf, isFinished } from '../job/conditions.ts';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { jobs } from '../shared/resources.ts';

/** Deletes finished jobs when `spec.ttlSecondsAfterFinished` is over. */
export class TtlAfterFinishedController implements RunnableController {
  readonly name = 'ttl-after-finished-controller';
  readonly #context: ControllerContext;
  readonly #jobs: Informer;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#jobs = context.informers.informer(jobs);
    const enqueue = (job: KubeObject): void => {
      if (needsCleanUp(job)) this.#queue.add(keyOf(job));
    };
    this.#jobs.addHandler({ onAdd: enqueue, onUpdate: (_, after) => enqueue(after) });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    const cached = this.#jobs.lister.getByKey(key);
    if (!cached || !needsCleanUp(cached)) return undefined;
    const left = this.#left(cached);
    if (left > 0) return { requeueAfterMs: left };
    const { name, namespace } = cached.metadata as { name: string; namespace: string };
    const client = this.#context.client.resource(jobs, namespace);
    try {
      // The time to live may have been changed: what counts is what the API has.
      const fresh = await client.get(name);
      if (!needsCleanUp(fresh)) return undefined;
      const still = this.#left(fresh);
      if (still > 0) return { requeueAfterMs: still };
      const { uid, resourceVersion } = fresh.metadata as { uid: string; resourceVersion: string };
      const preconditions = { uid, resourceVersion };
      await client.delete(name, { propagationPolicy: 'Foreground', preconditions });
    } catch (error) {
      if (isConflict(error)) this.#queue.addRateLimited(key);
      else if (!isNotFound(error)) throw error;
    }
    return undefined;
  }

  #left(job: KubeObject): number {
    const end = conditionOf(job, 'Complete') ?? conditionOf(job, 'Failed');
    const finished = Date.parse(end?.lastTransitionTime ?? '');
    return finished + job['spec'].ttlSecondsAfterFinished * 1000 - this.#context.clock.now();
  }
}

function needsCleanUp(job: KubeObject): boolean {
  return (
    job['spec'].ttlSecondsAfterFinished !== undefined && isFinished(job) && !job.metadata.deletionTimestamp
  );
}
