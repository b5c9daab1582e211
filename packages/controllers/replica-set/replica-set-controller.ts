import { type Informer, keyOf } from '@coxswain/controller';
import {
  type GroupVersionResource,
  isConflict,
  isNotFound,
  type KubeObject,
  type Selector,
  selectorFromLabelSelector,
  selectorFromSet,
} from '@coxswain/machinery';
import { claimObjects, controllerOf } from '../shared/claim.ts';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { PendingWrites } from '../shared/pending-writes.ts';
import { isNamespaceTerminating, messageOf, PodControl, type PodOwner } from '../shared/pod-control.ts';
import { isPodActive, isPodTerminal, sortForDeletion, untilAvailable } from '../shared/pod-state.ts';
import { pods, replicaSets, replicationControllers } from '../shared/resources.ts';
import { slowStart } from '../shared/slow-start.ts';
import { replicaStatus, statusDiffers } from './replica-status.ts';

/** At most so many creates or deletes in one reconcile: the workers stay fair to small sets. */
const burstReplicas = 500;

/** What differs between the two kinds that keep a number of pods. */
interface ReplicaKind {
  readonly controller: string;
  readonly component: string;
  readonly ref: GroupVersionResource;
  readonly apiVersion: string;
  readonly kind: string;
  readonly selectorOf: (owner: KubeObject) => Selector;
  /** The field `terminatingReplicas` is of ReplicaSets alone. */
  readonly countsTerminating: boolean;
}

const replicaSetKind: ReplicaKind = {
  controller: 'replicaset-controller',
  component: 'replicaset-controller',
  ref: replicaSets,
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  selectorOf: (owner) => selectorFromLabelSelector(owner['spec'].selector),
  countsTerminating: true,
};

const replicationControllerKind: ReplicaKind = {
  controller: 'replicationcontroller-controller',
  component: 'replication-controller',
  ref: replicationControllers,
  apiVersion: 'v1',
  kind: 'ReplicationController',
  selectorOf: (owner) => selectorFromSet(owner['spec'].selector ?? {}),
  countsTerminating: false,
};

/** Index of pods by the UID of their controller, or by `orphan/<namespace>`. */
export const byController = 'controller';

/** Several controllers ask for the index of one shared informer, and that needs one function. */
const controllerIndexValues = (object: KubeObject): readonly string[] => [
  controllerOf(object)?.uid ?? `orphan/${object.metadata.namespace}`,
];

export function addControllerIndex(informer: Informer): void {
  informer.addIndex(byController, controllerIndexValues);
}

/** Keeps as many pods of a ReplicaSet running as it asks for. */
export function replicaSetController(context: ControllerContext): RunnableController {
  return new ReplicaController(context, replicaSetKind);
}

/** Keeps as many pods of a ReplicationController running as it asks for. */
export function replicationControllerController(context: ControllerContext): RunnableController {
  return new ReplicaController(context, replicationControllerKind);
}

class ReplicaController implements RunnableController {
  readonly name: string;
  readonly #context: ControllerContext;
  readonly #kind: ReplicaKind;
  readonly #owners: Informer;
  readonly #pods: Informer;
  readonly #pending: PendingWrites;
  readonly #control: PodControl;
  readonly #queue: ReturnType<ControllerContext['queue']>;

  constructor(context: ControllerContext, kind: ReplicaKind) {
    this.name = kind.controller;
    this.#context = context;
    this.#kind = kind;
    this.#queue = context.queue(kind.controller);
    this.#owners = context.informers.informer(kind.ref);
    this.#pods = context.informers.informer(pods);
    addControllerIndex(this.#pods);
    this.#pending = new PendingWrites(this.#pods, context.clock);
    this.#control = new PodControl(context.client, context.recorder(kind.component), this.#pending);
    this.#owners.addHandler({
      onAdd: (owner) => this.#queue.add(keyOf(owner)),
      onUpdate: (_before, after) => this.#queue.add(keyOf(after)),
      onDelete: (owner) => {
        this.#pending.forget(keyOf(owner));
        this.#queue.add(keyOf(owner));
      },
    });
    this.#pods.addHandler({
      onAdd: (pod) => this.#podChanged(pod),
      onUpdate: (before, after) => {
        // A pod that changed hands concerns the one who lost it, too.
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
    if (controller) {
      if (controller.kind === this.#kind.kind)
        this.#queue.add(`${pod.metadata.namespace}/${controller.name}`);
      return;
    }
    if (pod.metadata.deletionTimestamp) return;
    for (const owner of this.#owners.lister.list(pod.metadata.namespace)) {
      if (this.#kind.selectorOf(owner).matches(pod.metadata.labels)) this.#queue.add(keyOf(owner));
    }
  }

  async #reconcile(key: string): Promise<void> {
    const owner = this.#owners.lister.getByKey(key);
    if (!owner) {
      this.#pending.forget(key);
      return;
    }
    // What this controller wrote must be seen first; the event that shows it brings the key back.
    const settled = this.#pending.settled(key);
    const claimed = await this.#claim(owner);
    const active = claimed.filter(isPodActive);
    const wanted: number = owner['spec'].replicas ?? 1;
    const difference = active.length - wanted;
    let failure: { error: unknown } | undefined;
    if (settled && !owner.metadata.deletionTimestamp) {
      const error = await this.#manage(owner, active, difference);
      if (error !== undefined) failure = { error };
    }
    await this.#writeStatus(
      owner,
      claimed,
      failure && { creating: difference < 0, message: messageOf(failure.error) },
    );
    this.#comeBackWhenAvailable(owner, active);
    if (failure && !isNamespaceTerminating(failure.error)) throw failure.error;
  }

  #claim(owner: KubeObject): Promise<KubeObject[]> {
    const { lister } = this.#pods;
    const candidates = [
      ...lister.byIndex(byController, owner.metadata.uid as string),
      ...lister.byIndex(byController, `orphan/${owner.metadata.namespace}`),
    ].filter((pod) => !isPodTerminal(pod));
    const { namespace, name } = owner.metadata as { namespace: string; name: string };
    return claimObjects(
      {
        owner,
        apiVersion: this.#kind.apiVersion,
        kind: this.#kind.kind,
        selector: this.#kind.selectorOf(owner),
        recheck: () => this.#context.client.resource(this.#kind.ref, namespace).get(name),
      },
      candidates,
      this.#context.client.resource(pods, namespace),
    );
  }

  async #manage(owner: KubeObject, active: readonly KubeObject[], difference: number): Promise<unknown> {
    const podOwner: PodOwner = {
      object: owner,
      apiVersion: this.#kind.apiVersion,
      kind: this.#kind.kind,
      key: keyOf(owner),
    };
    if (difference < 0) {
      const count = Math.min(-difference, burstReplicas);
      const { error } = await slowStart(count, () => this.#control.create(podOwner, owner['spec'].template));
      return error;
    }
    if (difference === 0) return undefined;
    const doomed = sortForDeletion(active, this.#crowding(owner), this.#context.clock.now());
    const results = await Promise.allSettled(
      doomed.slice(0, Math.min(difference, burstReplicas)).map((pod) => this.#control.delete(podOwner, pod)),
    );
    return results.find((result) => result.status === 'rejected')?.reason;
  }

  /** How many active pods of the same family (all sets with this set's controller) each node runs. */
  #crowding(owner: KubeObject): ReadonlyMap<string, number> {
    const parent = controllerOf(owner)?.uid;
    const family =
      parent === undefined
        ? [owner]
        : this.#owners.lister.list(owner.metadata.namespace).filter((o) => controllerOf(o)?.uid === parent);
    const counts = new Map<string, number>();
    for (const member of family) {
      for (const pod of this.#pods.lister.byIndex(byController, member.metadata.uid as string)) {
        const node: string | undefined = pod['spec'].nodeName;
        if (node && isPodActive(pod)) counts.set(node, (counts.get(node) ?? 0) + 1);
      }
    }
    return counts;
  }

  async #writeStatus(
    owner: KubeObject,
    claimed: readonly KubeObject[],
    failure: { readonly creating: boolean; readonly message: string } | undefined,
  ): Promise<void> {
    const status = replicaStatus({
      owner,
      active: claimed.filter(isPodActive),
      terminating: this.#kind.countsTerminating
        ? claimed.filter((pod) => pod.metadata.deletionTimestamp !== undefined).length
        : undefined,
      templateLabels: owner['spec'].template?.metadata?.labels ?? {},
      failure,
      now: this.#context.clock.now(),
    });
    if (!statusDiffers(owner, status)) return;
    try {
      await this.#context.client
        .resource(this.#kind.ref, owner.metadata.namespace)
        .updateStatus({ ...owner, apiVersion: this.#kind.apiVersion, kind: this.#kind.kind, status });
    } catch (error) {
      if (isNotFound(error)) return;
      // The cache is behind: the event that brings it up to date brings the key back, too.
      if (isConflict(error)) this.#queue.addRateLimited(keyOf(owner));
      else throw error;
    }
  }

  #comeBackWhenAvailable(owner: KubeObject, active: readonly KubeObject[]): void {
    const minReadySeconds: number = owner['spec'].minReadySeconds ?? 0;
    if (minReadySeconds === 0) return;
    const now = this.#context.clock.now();
    const waits = active
      .map((pod) => untilAvailable(pod, minReadySeconds, now) ?? 0)
      .filter((wait) => wait > 0);
    if (waits.length > 0) this.#queue.addAfter(keyOf(owner), Math.min(...waits));
  }
}
