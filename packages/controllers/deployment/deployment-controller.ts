import { type Informer, keyOf, type ReconcileResult } from '@coxswain/controller';
import { type KubeObject, selectorFromLabelSelector } from '@coxswain/machinery';
import { addControllerIndex, byController } from '../replica-set/replica-set-controller.ts';
import { claimObjects, controllerOf } from '../shared/claim.ts';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { isPodTerminal } from '../shared/pod-state.ts';
import { deployments, pods, replicaSets } from '../shared/resources.ts';
import {
  byCreation,
  desiredAnnotation,
  desiredReplicas,
  newReplicaSetSize,
  scaleProportionally,
  shrinkOld,
} from './arithmetic.ts';
import {
  type Condition,
  countStatus,
  findCondition,
  isComplete,
  progressDeadlineSeconds,
  withCondition,
} from './deployment-status.ts';
import { findNewReplicaSet } from './revisions.ts';
import { allSets, type Rollout } from './rollout.ts';
import { SetWriter } from './set-writer.ts';
import { StatusWriter } from './status-writer.ts';

/** Rolls a Deployment's pods to its present template through ReplicaSets. */
export class DeploymentController implements RunnableController {
  readonly name = 'deployment-controller';
  readonly #context: ControllerContext;
  readonly #deployments: Informer;
  readonly #sets: Informer;
  readonly #pods: Informer;
  readonly #status: StatusWriter;
  readonly #setWriter: SetWriter;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#deployments = context.informers.informer(deployments);
    this.#sets = context.informers.informer(replicaSets);
    this.#pods = context.informers.informer(pods);
    const { client, clock } = context;
    this.#status = new StatusWriter({
      client,
      clock,
      stored: (key) => this.#deployments.lister.getByKey(key),
      retry: (key) => this.#queue.addRateLimited(key),
    });
    this.#setWriter = new SetWriter(client, clock, context.recorder(this.name), this.#status);
    addControllerIndex(this.#sets);
    addControllerIndex(this.#pods);
    const enqueue = (deployment: KubeObject): void => this.#queue.add(keyOf(deployment));
    this.#deployments.addHandler({
      onAdd: enqueue,
      onUpdate: (_, after) => enqueue(after),
      onDelete: enqueue,
    });
    this.#sets.addHandler({
      onAdd: (set) => this.#setChanged(set),
      onUpdate: (before, after) => {
        if (controllerOf(before)?.uid !== controllerOf(after)?.uid) this.#setChanged(before);
        this.#setChanged(after);
      },
      onDelete: (set) => this.#setChanged(set),
    });
    // With the Recreate strategy the new pods wait for the last of the old to go.
    this.#pods.addHandler({ onDelete: (pod) => this.#podGone(pod) });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  #setChanged(set: KubeObject): void {
    const controller = controllerOf(set);
    if (controller) {
      if (controller.kind === 'Deployment') this.#queue.add(`${set.metadata.namespace}/${controller.name}`);
      return;
    }
    for (const deployment of this.#deployments.lister.list(set.metadata.namespace)) {
      if (selectorOf(deployment).matches(set.metadata.labels)) this.#queue.add(keyOf(deployment));
    }
  }

  #podGone(pod: KubeObject): void {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'ReplicaSet') return;
    const set = this.#sets.lister.get(pod.metadata.namespace as string, owner.name);
    if (set) this.#setChanged(set);
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    const deployment = this.#deployments.lister.getByKey(key);
    if (!deployment) return undefined;
    const sets = await this.#claim(deployment);
    const rollout = this.#rolloutOf(deployment, sets);
    if (deployment.metadata.deletionTimestamp) return await this.#status.write(rollout);
    if (await this.#checkPaused(deployment)) return undefined;
    if (deployment['spec'].paused || this.#isScaling(rollout)) return await this.#scaleOnly(rollout);
    return deployment['spec'].strategy?.type === 'Recreate'
      ? await this.#recreate(rollout)
      : await this.#rollingUpdate(rollout);
  }

  #claim(deployment: KubeObject): Promise<KubeObject[]> {
    const { namespace, name, uid } = deployment.metadata as { namespace: string; name: string; uid: string };
    const { lister } = this.#sets;
    return claimObjects(
      {
        owner: deployment,
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        selector: selectorOf(deployment),
        recheck: () => this.#context.client.resource(deployments, namespace).get(name),
      },
      [...lister.byIndex(byController, uid), ...lister.byIndex(byController, `orphan/${namespace}`)],
      this.#context.client.resource(replicaSets, namespace),
    );
  }

  #rolloutOf(deployment: KubeObject, sets: readonly KubeObject[]): Rollout {
    const fresh = findNewReplicaSet(deployment, sets);
    return { deployment, fresh, old: sets.filter((set) => set !== fresh).sort(byCreation) };
  }

  /** Says in the conditions that the rollout was paused or resumed, so that no deadline runs while it pauses. */
  async #checkPaused(deployment: KubeObject): Promise<boolean> {
    if (progressDeadlineSeconds(deployment) === undefined) return false;
    const progressing = findCondition(deployment['status']?.conditions, 'Progressing');
    if (progressing?.reason === 'ProgressDeadlineExceeded') return false;
    const paused = progressing?.reason === 'DeploymentPaused';
    const wanted = deployment['spec'].paused === true;
    if (wanted === paused) return false;
    const next: Condition = wanted
      ? {
          type: 'Progressing',
          status: 'Unknown',
          reason: 'DeploymentPaused',
          message: 'Deployment is paused',
        }
      : {
          type: 'Progressing',
          status: 'Unknown',
          reason: 'DeploymentResumed',
          message: 'Deployment is resumed',
        };
    const conditions = withCondition(deployment['status']?.conditions ?? [], next, this.#context.clock.now());
    await this.#status.update(deployment, { ...deployment['status'], conditions });
    return true;
  }

  /** Whether the number of replicas was changed since the ReplicaSets were last sized. */
  #isScaling(rollout: Rollout): boolean {
    return allSets(rollout).some((set) => {
      const desired = set.metadata.annotations?.[desiredAnnotation];
      return (
        (set['spec'].replicas ?? 0) > 0 &&
        desired !== undefined &&
        Number(desired) !== desiredReplicas(rollout.deployment)
      );
    });
  }

  async #scaleOnly(before: Rollout): Promise<ReconcileResult> {
    const rollout = await this.#setWriter.ensureNew(before, false);
    await this.#scale(rollout);
    if (rollout.deployment['spec'].paused) await this.#setWriter.cleanUp(rollout);
    return await this.#status.write(rollout);
  }

  async #scale(rollout: Rollout): Promise<void> {
    const { deployment, old, fresh } = rollout;
    const active = allSets(rollout).filter((set) => (set['spec'].replicas ?? 0) > 0);
    const only = active.length === 1 ? active[0] : active.length === 0 ? (fresh ?? old.at(-1)) : undefined;
    if (only) {
      if ((only['spec'].replicas ?? 0) !== desiredReplicas(deployment)) {
        await this.#setWriter.resize(deployment, { replicaSet: only, replicas: desiredReplicas(deployment) });
      }
      return;
    }
    if (fresh && isSaturated(deployment, fresh)) {
      for (const set of old)
        if ((set['spec'].replicas ?? 0) > 0)
          await this.#setWriter.resize(deployment, { replicaSet: set, replicas: 0 });
      return;
    }
    if (deployment['spec'].strategy?.type === 'Recreate') return;
    const resizes = scaleProportionally(deployment, old, fresh);
    for (const resize of resizes) await this.#setWriter.resize(deployment, resize);
    // The others get the new totals on record, or they would look like being scaled for ever.
    for (const set of active) {
      if (!resizes.some((resize) => resize.replicaSet === set)) {
        await this.#setWriter.resize(deployment, { replicaSet: set, replicas: set['spec'].replicas });
      }
    }
  }

  async #recreate(before: Rollout): Promise<ReconcileResult> {
    const { deployment } = before;
    let shrunk = false;
    for (const set of before.old) {
      if ((set['spec'].replicas ?? 0) === 0) continue;
      await this.#setWriter.resize(deployment, { replicaSet: set, replicas: 0 });
      shrunk = true;
    }
    if (shrunk || this.#oldPodsRun(before)) return await this.#status.write(before);
    const rollout = await this.#setWriter.ensureNew(before, true);
    const { fresh } = rollout;
    if (fresh && fresh['spec'].replicas !== desiredReplicas(deployment)) {
      await this.#setWriter.resize(deployment, { replicaSet: fresh, replicas: desiredReplicas(deployment) });
    }
    await this.#cleanUpIfComplete(rollout);
    return await this.#status.write(rollout);
  }

  #oldPodsRun(rollout: Rollout): boolean {
    return rollout.old.some((set) =>
      this.#pods.lister.byIndex(byController, set.metadata.uid as string).some((pod) => !isPodTerminal(pod)),
    );
  }

  async #rollingUpdate(before: Rollout): Promise<ReconcileResult> {
    const rollout = await this.#setWriter.ensureNew(before, true);
    const { deployment, old, fresh } = rollout;
    if (!fresh) return await this.#status.write(rollout);
    const size = newReplicaSetSize(deployment, allSets(rollout), fresh);
    const resizes =
      size === fresh['spec'].replicas
        ? shrinkOld(deployment, allSets(rollout), old, fresh)
        : [{ replicaSet: fresh, replicas: size }];
    for (const resize of resizes) await this.#setWriter.resize(deployment, resize);
    if (resizes.length === 0) await this.#cleanUpIfComplete(rollout);
    return await this.#status.write(rollout);
  }

  async #cleanUpIfComplete(rollout: Rollout): Promise<void> {
    const status = countStatus(
      rollout.deployment,
      allSets(rollout),
      rollout.fresh,
      this.#context.clock.now(),
    );
    if (isComplete(rollout.deployment, status)) await this.#setWriter.cleanUp(rollout);
  }
}

/** Whether the new ReplicaSet has everything that is wanted, and all of it is available. */
function isSaturated(deployment: KubeObject, fresh: KubeObject): boolean {
  const desired = desiredReplicas(deployment);
  return (
    fresh['spec'].replicas === desired &&
    Number(fresh.metadata.annotations?.[desiredAnnotation]) === desired &&
    (fresh['status']?.availableReplicas ?? 0) === desired
  );
}

function selectorOf(deployment: KubeObject): ReturnType<typeof selectorFromLabelSelector> {
  return selectorFromLabelSelector(deployment['spec'].selector);
}
