import { type EventRecorder, type Informer, keyOf, type ReconcileResult } from '@coxswain/controller';
import {
  deepEqual,
  isAlreadyExists,
  isConflict,
  isNotFound,
  type KubeObject,
  selectorFromLabelSelector,
} from '@coxswain/machinery';
import { addControllerIndex, byController } from '../replica-set/replica-set-controller.ts';
import { claimObjects, controllerOf, controllerRef } from '../shared/claim.ts';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { isNamespaceTerminating, messageOf } from '../shared/pod-control.ts';
import { isPodTerminal } from '../shared/pod-state.ts';
import { deployments, pods, replicaSets } from '../shared/resources.ts';
import { templateHash } from '../shared/template-hash.ts';
import {
  byCreation,
  desiredAnnotation,
  desiredReplicas,
  maxAnnotation,
  maxSurge,
  newReplicaSetSize,
  type Resize,
  scaleProportionally,
  shrinkOld,
} from './arithmetic.ts';
import {
  type Condition,
  countStatus,
  type DeploymentStatus,
  findCondition,
  isComplete,
  progressDeadlineSeconds,
  progressStatus,
  statusDiffers,
  untilDeadline,
  withCondition,
  withoutCondition,
} from './deployment-status.ts';
import {
  annotationsForNew,
  equalTemplates,
  findNewReplicaSet,
  hashLabel,
  revisionAnnotation,
  revisionOf,
} from './revisions.ts';

/** What a reconcile works on. */
interface Rollout {
  readonly deployment: KubeObject;
  readonly old: readonly KubeObject[];
  readonly fresh: KubeObject | undefined;
}

const all = (rollout: Rollout): KubeObject[] =>
  rollout.fresh ? [...rollout.old, rollout.fresh] : [...rollout.old];

/** Rolls a Deployment's pods to its present template through ReplicaSets. */
export class DeploymentController implements RunnableController {
  readonly name = 'deployment-controller';
  readonly #context: ControllerContext;
  readonly #deployments: Informer;
  readonly #sets: Informer;
  readonly #pods: Informer;
  readonly #recorder: EventRecorder;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#recorder = context.recorder(this.name);
    this.#deployments = context.informers.informer(deployments);
    this.#sets = context.informers.informer(replicaSets);
    this.#pods = context.informers.informer(pods);
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
    if (deployment.metadata.deletionTimestamp) return await this.#writeStatus(rollout);
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
    await this.#updateStatus(deployment, { ...deployment['status'], conditions });
    return true;
  }

  /** Whether the number of replicas was changed since the ReplicaSets were last sized. */
  #isScaling(rollout: Rollout): boolean {
    return all(rollout).some((set) => {
      const desired = set.metadata.annotations?.[desiredAnnotation];
      return (
        (set['spec'].replicas ?? 0) > 0 &&
        desired !== undefined &&
        Number(desired) !== desiredReplicas(rollout.deployment)
      );
    });
  }

  async #scaleOnly(before: Rollout): Promise<ReconcileResult> {
    const rollout = await this.#ensureNew(before, false);
    await this.#scale(rollout);
    if (rollout.deployment['spec'].paused) await this.#cleanUp(rollout);
    return await this.#writeStatus(rollout);
  }

  async #scale(rollout: Rollout): Promise<void> {
    const { deployment, old, fresh } = rollout;
    const active = all(rollout).filter((set) => (set['spec'].replicas ?? 0) > 0);
    const only = active.length === 1 ? active[0] : active.length === 0 ? (fresh ?? old.at(-1)) : undefined;
    if (only) {
      if ((only['spec'].replicas ?? 0) !== desiredReplicas(deployment)) {
        await this.#resize(deployment, { replicaSet: only, replicas: desiredReplicas(deployment) });
      }
      return;
    }
    if (fresh && isSaturated(deployment, fresh)) {
      for (const set of old)
        if ((set['spec'].replicas ?? 0) > 0) await this.#resize(deployment, { replicaSet: set, replicas: 0 });
      return;
    }
    if (deployment['spec'].strategy?.type === 'Recreate') return;
    const resizes = scaleProportionally(deployment, old, fresh);
    for (const resize of resizes) await this.#resize(deployment, resize);
    // The others get the new totals on record, or they would look like being scaled for ever.
    for (const set of active) {
      if (!resizes.some((resize) => resize.replicaSet === set)) {
        await this.#resize(deployment, { replicaSet: set, replicas: set['spec'].replicas });
      }
    }
  }

  async #recreate(before: Rollout): Promise<ReconcileResult> {
    const { deployment } = before;
    let shrunk = false;
    for (const set of before.old) {
      if ((set['spec'].replicas ?? 0) === 0) continue;
      await this.#resize(deployment, { replicaSet: set, replicas: 0 });
      shrunk = true;
    }
    if (shrunk || this.#oldPodsRun(before)) return await this.#writeStatus(before);
    const rollout = await this.#ensureNew(before, true);
    const { fresh } = rollout;
    if (fresh && fresh['spec'].replicas !== desiredReplicas(deployment)) {
      await this.#resize(deployment, { replicaSet: fresh, replicas: desiredReplicas(deployment) });
    }
    await this.#cleanUpIfComplete(rollout);
    return await this.#writeStatus(rollout);
  }

  #oldPodsRun(rollout: Rollout): boolean {
    return rollout.old.some((set) =>
      this.#pods.lister.byIndex(byController, set.metadata.uid as string).some((pod) => !isPodTerminal(pod)),
    );
  }

  async #rollingUpdate(before: Rollout): Promise<ReconcileResult> {
    const rollout = await this.#ensureNew(before, true);
    const { deployment, old, fresh } = rollout;
    if (!fresh) return await this.#writeStatus(rollout);
    const size = newReplicaSetSize(deployment, all(rollout), fresh);
    const resizes =
      size === fresh['spec'].replicas
        ? shrinkOld(deployment, all(rollout), old, fresh)
        : [{ replicaSet: fresh, replicas: size }];
    for (const resize of resizes) await this.#resize(deployment, resize);
    if (resizes.length === 0) await this.#cleanUpIfComplete(rollout);
    return await this.#writeStatus(rollout);
  }

  /** The rollout with its new ReplicaSet up to date, made if `create` allows and it is missing. */
  async #ensureNew(rollout: Rollout, create: boolean): Promise<Rollout> {
    const { deployment, old } = rollout;
    const revision = 1n + (old.map(revisionOf).sort(ascending).at(-1) ?? 0n);
    if (rollout.fresh) {
      const fresh = await this.#updateNew(deployment, rollout.fresh, revision);
      const current = await this.#recordRevision(deployment, revisionOf(fresh), 'FoundNewReplicaSet', fresh);
      return { deployment: current, old, fresh };
    }
    if (!create) return rollout;
    const fresh = await this.#createNew(rollout, revision);
    if (!fresh) return rollout;
    const current = await this.#recordRevision(deployment, revision, 'NewReplicaSetCreated', fresh);
    return { deployment: current, old, fresh };
  }

  async #updateNew(deployment: KubeObject, fresh: KubeObject, revision: bigint): Promise<KubeObject> {
    const annotations = annotationsForNew(deployment, fresh, revision);
    const minReadySeconds = deployment['spec'].minReadySeconds ?? 0;
    const same = deepEqual(annotations, fresh.metadata.annotations ?? {});
    if (same && minReadySeconds === (fresh['spec'].minReadySeconds ?? 0)) return fresh;
    return await this.#updateSet({
      ...fresh,
      metadata: { ...fresh.metadata, annotations },
      spec: { ...fresh['spec'], minReadySeconds },
    });
  }

  async #createNew(rollout: Rollout, revision: bigint): Promise<KubeObject | undefined> {
    const { deployment, old } = rollout;
    const { template, selector, minReadySeconds } = deployment['spec'];
    const { namespace, name } = deployment.metadata as { namespace: string; name: string };
    const hash = templateHash(template, deployment['status']?.collisionCount);
    const labels = { ...template.metadata?.labels, [hashLabel]: hash };
    const set: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels,
        annotations: {
          ...annotationsForNew(deployment, undefined, revision),
          ...sizeAnnotations(deployment),
        },
        ownerReferences: [controllerRef(deployment, 'apps/v1', 'Deployment')],
      },
      spec: {
        ...(minReadySeconds ? { minReadySeconds } : {}),
        selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    };
    set['spec'].replicas = newReplicaSetSize(deployment, [...old, { ...set, spec: { replicas: 0 } }], {
      ...set,
      spec: { replicas: 0 },
    });
    try {
      const created = await this.#context.client.resource(replicaSets, namespace).create(set);
      if (created['spec'].replicas > 0) {
        const text = `Scaled up replica set ${created.metadata.name} from 0 to ${created['spec'].replicas}`;
        this.#recorder.event(deployment, 'Normal', 'ScalingReplicaSet', text);
      }
      return created;
    } catch (error) {
      if (isAlreadyExists(error)) return await this.#resolveCollision(deployment, set, error);
      if (isNamespaceTerminating(error)) return undefined;
      await this.#reportCreateFailure(deployment, set, error);
      throw error;
    }
  }

  /** The name is taken: by our own set that the cache does not show yet, or by another template of equal hash. */
  async #resolveCollision(
    deployment: KubeObject,
    set: KubeObject,
    error: unknown,
  ): Promise<KubeObject | undefined> {
    const { namespace, name } = set.metadata as { namespace: string; name: string };
    const found = await this.#context.client.resource(replicaSets, namespace).get(name);
    const ours = controllerOf(found)?.uid === deployment.metadata.uid;
    if (ours && equalTemplates(found['spec'].template, set['spec'].template)) return found;
    const collisionCount = (deployment['status']?.collisionCount ?? 0) + 1;
    await this.#updateStatus(deployment, { ...deployment['status'], collisionCount });
    throw error;
  }

  async #reportCreateFailure(deployment: KubeObject, set: KubeObject, error: unknown): Promise<void> {
    const message = `Failed to create new replica set "${set.metadata.name}": ${messageOf(error)}`;
    this.#recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', message);
    if (progressDeadlineSeconds(deployment) === undefined) return;
    const conditions = withCondition(
      deployment['status']?.conditions ?? [],
      { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message },
      this.#context.clock.now(),
    );
    await this.#updateStatus(deployment, { ...deployment['status'], conditions });
  }

  /** Notes the revision on the deployment, and that there is a new ReplicaSet, where that is not known yet. */
  async #recordRevision(
    deployment: KubeObject,
    revision: bigint,
    reason: string,
    fresh: KubeObject,
  ): Promise<KubeObject> {
    let current = deployment;
    if (deployment.metadata.annotations?.[revisionAnnotation] !== String(revision)) {
      const annotations = { ...deployment.metadata.annotations, [revisionAnnotation]: String(revision) };
      current = await this.#context.client
        .resource(deployments, deployment.metadata.namespace)
        .update({ ...typed(deployment, 'Deployment'), metadata: { ...deployment.metadata, annotations } });
    }
    const conditions: readonly Condition[] = current['status']?.conditions ?? [];
    const known = findCondition(conditions, 'Progressing');
    if (progressDeadlineSeconds(current) === undefined || (known && reason === 'FoundNewReplicaSet'))
      return current;
    const message =
      reason === 'NewReplicaSetCreated'
        ? `Created new replica set "${fresh.metadata.name}"`
        : `Found new replica set "${fresh.metadata.name}"`;
    const next: Condition = { type: 'Progressing', status: 'True', reason, message };
    return {
      ...current,
      status: {
        ...current['status'],
        conditions: withCondition(conditions, next, this.#context.clock.now()),
      },
    };
  }

  async #resize(deployment: KubeObject, { replicaSet, replicas }: Resize): Promise<void> {
    const before: number = replicaSet['spec'].replicas ?? 0;
    const annotations = { ...replicaSet.metadata.annotations, ...sizeAnnotations(deployment) };
    if (before === replicas && deepEqual(annotations, replicaSet.metadata.annotations ?? {})) return;
    await this.#updateSet({
      ...replicaSet,
      metadata: { ...replicaSet.metadata, annotations },
      spec: { ...replicaSet['spec'], replicas },
    });
    if (before === replicas) return;
    const direction = replicas > before ? 'up' : 'down';
    const text = `Scaled ${direction} replica set ${replicaSet.metadata.name} from ${before} to ${replicas}`;
    this.#recorder.event(deployment, 'Normal', 'ScalingReplicaSet', text);
  }

  #updateSet(set: KubeObject): Promise<KubeObject> {
    return this.#context.client
      .resource(replicaSets, set.metadata.namespace)
      .update(typed(set, 'ReplicaSet'));
  }

  async #cleanUpIfComplete(rollout: Rollout): Promise<void> {
    const status = countStatus(rollout.deployment, all(rollout), rollout.fresh, this.#context.clock.now());
    if (isComplete(rollout.deployment, status)) await this.#cleanUp(rollout);
  }

  /** Deletes old, empty ReplicaSets beyond the history limit. */
  async #cleanUp({ deployment, old }: Rollout): Promise<void> {
    const limit: number | undefined = deployment['spec'].revisionHistoryLimit;
    if (limit === undefined || limit === 2 ** 31 - 1) return;
    const alive = old.filter((set) => !set.metadata.deletionTimestamp);
    const surplus = alive
      .sort((a, b) => ascending(revisionOf(a), revisionOf(b)))
      .slice(0, Math.max(0, alive.length - limit));
    for (const set of surplus) {
      const busy = (set['status']?.replicas ?? 0) !== 0 || (set['spec'].replicas ?? 0) !== 0;
      if (busy || (set.metadata.generation ?? 0) > (set['status']?.observedGeneration ?? 0)) continue;
      try {
        await this.#context.client
          .resource(replicaSets, set.metadata.namespace)
          .delete(set.metadata.name as string);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }

  async #writeStatus(rollout: Rollout): Promise<ReconcileResult> {
    const { deployment, fresh } = rollout;
    const now = this.#context.clock.now();
    const sets = all(rollout);
    const counted = countStatus(deployment, sets, fresh, now);
    const status = deployment['spec'].paused
      ? withoutFailure(counted)
      : progressStatus(deployment, counted, sets, fresh, now);
    await this.#updateStatus(deployment, status);
    const left = untilDeadline(deployment, status.conditions ?? [], now);
    if (left === undefined || left <= 0 || isComplete(deployment, status)) return undefined;
    // A second late rather than early: the condition's times have whole seconds.
    return { requeueAfterMs: left + 1000 };
  }

  async #updateStatus(deployment: KubeObject, status: DeploymentStatus): Promise<void> {
    const stored = this.#deployments.lister.getByKey(keyOf(deployment));
    if (stored && stored.metadata.uid === deployment.metadata.uid && !statusDiffers(stored, status)) return;
    try {
      await this.#context.client
        .resource(deployments, deployment.metadata.namespace)
        .updateStatus({ ...typed(deployment, 'Deployment'), status });
    } catch (error) {
      if (isNotFound(error)) return;
      if (isConflict(error)) this.#queue.addRateLimited(keyOf(deployment));
      else throw error;
    }
  }
}

function withoutFailure(status: DeploymentStatus): DeploymentStatus {
  return { ...status, conditions: withoutCondition(status.conditions ?? [], 'ReplicaFailure') };
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

function sizeAnnotations(deployment: KubeObject): Record<string, string> {
  const desired = desiredReplicas(deployment);
  return { [desiredAnnotation]: String(desired), [maxAnnotation]: String(desired + maxSurge(deployment)) };
}

function selectorOf(deployment: KubeObject): ReturnType<typeof selectorFromLabelSelector> {
  return selectorFromLabelSelector(deployment['spec'].selector);
}

function typed(object: KubeObject, kind: string): KubeObject {
  return { ...object, apiVersion: 'apps/v1', kind };
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
