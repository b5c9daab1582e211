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
import { claimObjects, controllerOf } from '../shared/claim.ts';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import {
  byRevision,
  claimRevisions,
  createRevision,
  keepsTemplate,
  maxRevision,
  newRevision,
  RevisionCollision,
  type RevisionOwner,
  revisionData,
  truncateHistory,
} from '../shared/controller-revisions.ts';
import { patchHash } from '../shared/patch-hash.ts';
import { PendingWrites } from '../shared/pending-writes.ts';
import { isNamespaceTerminating } from '../shared/pod-control.ts';
import { controllerRevisions, persistentVolumeClaims, pods, statefulSets } from '../shared/resources.ts';
import { slowStart } from '../shared/slow-start.ts';
import { StatefulClaims } from './claims.ts';
import { apiVersion, isMemberOf, kind, revisionOf, setRevision } from './identity.ts';
import { type Act, isMonotonic, planSet, type SetPlan } from './plan-set.ts';
import { isCreated, setStatus, wireStatus } from './set-status.ts';
import { StatefulPodControl } from './stateful-pod-control.ts';

interface History {
  readonly all: readonly KubeObject[];
  readonly current: KubeObject;
  readonly update: KubeObject;
  readonly collisionCount: number;
}

/** Keeps the numbered pods of a StatefulSet and their claims, one after the other unless told otherwise. */
export class StatefulSetController implements RunnableController {
  readonly name = 'statefulset-controller';
  readonly #context: ControllerContext;
  readonly #sets: Informer;
  readonly #pods: Informer;
  readonly #revisions: Informer;
  readonly #pending: PendingWrites;
  readonly #recorder: EventRecorder;
  readonly #claims: StatefulClaims;
  readonly #control: StatefulPodControl;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#sets = context.informers.informer(statefulSets);
    this.#pods = context.informers.informer(pods);
    addControllerIndex(this.#pods);
    this.#revisions = context.informers.informer(controllerRevisions);
    this.#pending = new PendingWrites(this.#pods, context.clock);
    this.#recorder = context.recorder('statefulset-controller');
    const claims = context.informers.informer(persistentVolumeClaims);
    this.#claims = new StatefulClaims(context.client, claims, this.#recorder);
    this.#control = new StatefulPodControl(context.client, this.#recorder, this.#pending, this.#claims);
    const enqueue = (set: KubeObject): void => this.#queue.add(keyOf(set));
    this.#sets.addHandler({ onAdd: enqueue, onUpdate: (_, after) => enqueue(after), onDelete: enqueue });
    this.#pods.addHandler({
      onAdd: (pod) => this.#podChanged(pod),
      onUpdate: (before, after) => {
        if (controllerOf(before)?.uid !== controllerOf(after)?.uid) this.#podChanged(before);
        this.#podChanged(after);
      },
      onDelete: (pod) => this.#podChanged(pod),
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 5, signal });
  }

  #podChanged(pod: KubeObject): void {
    const controller = controllerOf(pod);
    const { namespace } = pod.metadata;
    if (controller) {
      if (controller.kind === kind) this.#queue.add(`${namespace}/${controller.name}`);
      return;
    }
    if (pod.metadata.deletionTimestamp) return;
    for (const set of this.#sets.lister.list(namespace)) {
      if (selectorFromLabelSelector(set['spec'].selector).matches(pod.metadata.labels))
        this.#queue.add(keyOf(set));
    }
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    const set = this.#sets.lister.getByKey(key);
    if (!set) {
      this.#pending.forget(key);
      return undefined;
    }
    // The event that shows what was written brings the key back.
    if (!this.#pending.settled(key)) return undefined;
    try {
      return await this.#sync(set);
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined;
      if (!isConflict(error) && !isAlreadyExists(error)) throw error;
      this.#queue.addRateLimited(key);
      return undefined;
    }
  }

  async #sync(set: KubeObject): Promise<ReconcileResult> {
    const members = await this.#claim(set);
    const history = await this.#history(set);
    const now = this.#context.clock.now();
    const [current, update] = [setRevision(history.current), setRevision(history.update)];
    const plan = planSet({ set, pods: members, current, update, now });
    const failure = await this.#carryOut(set, plan);
    const status = setStatus(
      set,
      [...plan.replicas.filter(isCreated), ...plan.condemned],
      { current: current.name, update: update.name, collisionCount: history.collisionCount },
      now,
    );
    await this.#writeStatus(set, status);
    if (failure !== undefined) throw failure;
    await this.#truncate(set, members, history);
    const minReady: number = set['spec'].minReadySeconds ?? 0;
    return minReady > 0 && status['availableReplicas'] < status['readyReplicas']
      ? { requeueAfterMs: minReady * 1000 }
      : undefined;
  }

  /** Gives the first failure. One after the other, or in bursts where the set allows it. */
  async #carryOut(set: KubeObject, { acts, replicas, condemned }: SetPlan): Promise<unknown> {
    try {
      for (const pod of replicas) {
        if (pod['status']?.phase === 'Pending') await this.#claims.ensure(set, pod);
        if (isCreated(pod)) await this.#claims.enforceRetention(set, pod);
      }
      for (const pod of condemned) await this.#claims.enforceRetention(set, pod);
      if (isMonotonic(set)) {
        for (const act of acts) await this.#act(set, act);
        return undefined;
      }
    } catch (error) {
      return error;
    }
    const { error } = await slowStart(acts.length, (i) => this.#act(set, acts[i] as Act));
    return error;
  }

  async #act(set: KubeObject, { kind: what, pod }: Act): Promise<void> {
    const where = `StatefulSet ${set.metadata.namespace}/${set.metadata.name}`;
    switch (what) {
      case 'create':
        return await this.#control.create(set, pod);
      case 'update':
        return await this.#control.update(set, pod);
      case 'recreate':
        if (pod['status'].phase === 'Failed') {
          const text = `${where} is recreating failed Pod ${pod.metadata.name}`;
          this.#recorder.event(set, 'Warning', 'RecreatingFailedPod', text);
        } else {
          const text = `${where} is recreating terminated Pod ${pod.metadata.name}`;
          this.#recorder.event(set, 'Normal', 'RecreatingTerminatedPod', text);
        }
        return await this.#control.delete(set, pod);
      case 'delete':
        return await this.#control.delete(set, pod);
    }
  }

  #owner(set: KubeObject): RevisionOwner {
    const { namespace, name } = set.metadata as { namespace: string; name: string };
    return {
      object: set,
      apiVersion,
      kind,
      selector: selectorFromLabelSelector(set['spec'].selector),
      recheck: () => this.#context.client.resource(statefulSets, namespace).get(name),
      hash: (collisionCount = 0) => patchHash(revisionData(set), collisionCount),
    };
  }

  async #claim(set: KubeObject): Promise<KubeObject[]> {
    const { lister } = this.#pods;
    const { namespace, uid } = set.metadata;
    const candidates = [
      ...lister.byIndex(byController, uid as string),
      ...lister.byIndex(byController, `orphan/${namespace}`),
    ].filter((pod) => isMemberOf(set, pod));
    const { object: owner, ...rest } = this.#owner(set);
    return await claimObjects({ owner, ...rest }, candidates, this.#context.client.resource(pods, namespace));
  }

  async #history(set: KubeObject): Promise<History> {
    const { client } = this.#context;
    const owner = this.#owner(set);
    const all = (await claimRevisions(owner, this.#revisions, client)).sort(byRevision);
    const newest = all.at(-1);
    const equal = all.filter((revision) => keepsTemplate(set, revision)).at(-1);
    let collisionCount: number = set['status']?.collisionCount ?? 0;
    let update: KubeObject;
    if (equal && equal === newest) update = equal;
    else if (equal) {
      const resource = client.resource(controllerRevisions, set.metadata.namespace);
      update = await resource.update({ ...equal, revision: maxRevision(all) + 1 });
    } else {
      [update, collisionCount] = await this.#record(owner, maxRevision(all) + 1, collisionCount);
    }
    const current = all.find((revision) => revision.metadata.name === set['status']?.currentRevision);
    return { all, current: current ?? update, update, collisionCount };
  }

  async #record(owner: RevisionOwner, number: number, count: number): Promise<[KubeObject, number]> {
    for (let collisions = count; ; collisions++) {
      try {
        return [
          await createRevision(this.#context.client, newRevision(owner, number, collisions)),
          collisions,
        ];
      } catch (error) {
        if (!(error instanceof RevisionCollision)) throw error;
      }
    }
  }

  async #truncate(set: KubeObject, members: readonly KubeObject[], history: History): Promise<void> {
    const live = new Set([
      history.current.metadata.name,
      history.update.metadata.name,
      ...members.map(revisionOf),
    ]);
    await truncateHistory(
      this.#context.client,
      history.all,
      set['spec'].revisionHistoryLimit ?? 10,
      (revision) => live.has(revision.metadata.name as string),
    );
  }

  async #writeStatus(set: KubeObject, wanted: Record<string, any>): Promise<void> {
    const conditions = set['status']?.conditions;
    const status = { ...wireStatus(wanted), ...(conditions === undefined ? {} : { conditions }) };
    if (deepEqual(set['status'] ?? {}, status)) return;
    try {
      await this.#context.client
        .resource(statefulSets, set.metadata.namespace)
        .updateStatus({ ...set, apiVersion, kind, status });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
