import type { Client } from '@coxswain/client';
import type { EventRecorder } from '@coxswain/controller';
import { type Clock, deepEqual, isAlreadyExists, isNotFound, type KubeObject } from '@coxswain/machinery';
import { controllerOf, controllerRef } from '../shared/claim.ts';
import { isNamespaceTerminating, messageOf } from '../shared/pod-control.ts';
import { deployments, replicaSets } from '../shared/resources.ts';
import { templateHash } from '../shared/template-hash.ts';
import {
  desiredAnnotation,
  desiredReplicas,
  maxAnnotation,
  maxSurge,
  newReplicaSetSize,
  type Resize,
} from './arithmetic.ts';
import {
  type Condition,
  findCondition,
  progressDeadlineSeconds,
  withCondition,
} from './deployment-status.ts';
import { annotationsForNew, equalTemplates, hashLabel, revisionAnnotation, revisionOf } from './revisions.ts';
import { type Rollout, typed } from './rollout.ts';
import type { StatusWriter } from './status-writer.ts';

/** Makes, sizes and removes the ReplicaSets of deployments, and tells of it in events. */
export class SetWriter {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #recorder: EventRecorder;
  readonly #status: StatusWriter;

  constructor(client: Client, clock: Clock, recorder: EventRecorder, status: StatusWriter) {
    this.#client = client;
    this.#clock = clock;
    this.#recorder = recorder;
    this.#status = status;
  }

  /** The rollout with its new ReplicaSet up to date, made if `create` allows and it is missing. */
  async ensureNew(rollout: Rollout, create: boolean): Promise<Rollout> {
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
      const created = await this.#client.resource(replicaSets, namespace).create(set);
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
    const found = await this.#client.resource(replicaSets, namespace).get(name);
    const ours = controllerOf(found)?.uid === deployment.metadata.uid;
    if (ours && equalTemplates(found['spec'].template, set['spec'].template)) return found;
    const collisionCount = (deployment['status']?.collisionCount ?? 0) + 1;
    await this.#status.update(deployment, { ...deployment['status'], collisionCount });
    throw error;
  }

  async #reportCreateFailure(deployment: KubeObject, set: KubeObject, error: unknown): Promise<void> {
    const message = `Failed to create new replica set "${set.metadata.name}": ${messageOf(error)}`;
    this.#recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', message);
    if (progressDeadlineSeconds(deployment) === undefined) return;
    const conditions = withCondition(
      deployment['status']?.conditions ?? [],
      { type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError', message },
      this.#clock.now(),
    );
    await this.#status.update(deployment, { ...deployment['status'], conditions });
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
      current = await this.#client
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
        conditions: withCondition(conditions, next, this.#clock.now()),
      },
    };
  }

  async resize(deployment: KubeObject, { replicaSet, replicas }: Resize): Promise<void> {
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
    return this.#client.resource(replicaSets, set.metadata.namespace).update(typed(set, 'ReplicaSet'));
  }

  /** Deletes old, empty ReplicaSets beyond the history limit. */
  async cleanUp({ deployment, old }: Rollout): Promise<void> {
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
        await this.#client.resource(replicaSets, set.metadata.namespace).delete(set.metadata.name as string);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }
}

function sizeAnnotations(deployment: KubeObject): Record<string, string> {
  const desired = desiredReplicas(deployment);
  return { [desiredAnnotation]: String(desired), [maxAnnotation]: String(desired + maxSurge(deployment)) };
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
