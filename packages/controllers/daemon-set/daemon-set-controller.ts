import { type EventRecorder, type Informer, keyOf, type ReconcileResult } from '@coxswain/controller';
import {
  deepEqual,
  isConflict,
  isNotFound,
  type KubeObject,
  type Selector,
  selectorFromLabelSelector,
} from '@coxswain/machinery';
import { addControllerIndex, byController } from '../replica-set/replica-set-controller.ts';
import { claimObjects, controllerOf } from '../shared/claim.ts';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import {
  claimRevisions,
  createRevision,
  keepsTemplate,
  maxRevision,
  newRevision,
  RevisionCollision,
  type RevisionOwner,
  revisionHashLabel,
  truncateHistory,
} from '../shared/controller-revisions.ts';
import { KeyedBackoff } from '../shared/keyed-backoff.ts';
import { PendingWrites } from '../shared/pending-writes.ts';
import { isNamespaceTerminating, PodControl, type PodOwner } from '../shared/pod-control.ts';
import { untilAvailable } from '../shared/pod-state.ts';
import { controllerRevisions, daemonSets, nodes, pods } from '../shared/resources.ts';
import { slowStart } from '../shared/slow-start.ts';
import { templateHash } from '../shared/template-hash.ts';
import { daemonTemplate, placementOn, targetNode } from './daemon-pod.ts';
import {
  byAge,
  daemonStatus,
  type Ended,
  type Plan,
  planPlacement,
  planRollingUpdate,
  type Snapshot,
} from './plan-pods.ts';

/** At most so many creates and deletes in one reconcile. */
const burstReplicas = 250;
/** A daemon whose pods fail again and again is replaced ever more slowly. */
const failedPodBackoff = { initialMs: 1_000, maxMs: 15 * 60_000 };

const apiVersion = 'apps/v1';
const kind = 'DaemonSet';

interface History {
  readonly current: KubeObject;
  readonly old: readonly KubeObject[];
}

/** Keeps one pod of a DaemonSet on every node that should run one. */
export class DaemonSetController implements RunnableController {
  readonly name = 'daemonset-controller';
  readonly #context: ControllerContext;
  readonly #sets: Informer;
  readonly #pods: Informer;
  readonly #nodes: Informer;
  readonly #revisions: Informer;
  readonly #pending: PendingWrites;
  readonly #recorder: EventRecorder;
  readonly #control: PodControl;
  readonly #queue: ReturnType<ControllerContext['queue']>;
  /** By set and node. */
  readonly #failedPods: KeyedBackoff;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#queue = context.queue(this.name);
    this.#failedPods = new KeyedBackoff(context.clock, failedPodBackoff.initialMs, failedPodBackoff.maxMs);
    this.#sets = context.informers.informer(daemonSets);
    this.#pods = context.informers.informer(pods);
    addControllerIndex(this.#pods);
    this.#nodes = context.informers.informer(nodes);
    this.#revisions = context.informers.informer(controllerRevisions);
    this.#pending = new PendingWrites(this.#pods, context.clock);
    this.#recorder = context.recorder('daemonset-controller');
    this.#control = new PodControl(context.client, this.#recorder, this.#pending);
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
    const everySet = (): void => this.#sets.lister.list().forEach(enqueue);
    this.#nodes.addHandler({
      onAdd: everySet,
      onUpdate: (before, after) => {
        if (nodeMatters(before, after)) everySet();
      },
      onDelete: everySet,
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run((key) => this.#reconcile(key), { workers: 2, signal });
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
      if (selectorOf(set).matches(pod.metadata.labels)) this.#queue.add(keyOf(set));
    }
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    const set = this.#sets.lister.getByKey(key);
    if (!set) {
      this.#pending.forget(key);
      return undefined;
    }
    if (selectorOf(set).empty) {
      const text = 'This daemon set is selecting all pods. A non-empty selector is required.';
      this.#recorder.event(set, 'Warning', 'SelectingAll', text);
      return undefined;
    }
    if (set.metadata.deletionTimestamp) return undefined;
    try {
      return await this.#sync(set, key);
    } catch (error) {
      if (!isConflict(error) && !(error instanceof RevisionCollision)) throw error;
      // The cache is behind: the event that brings it up to date may have come already.
      this.#queue.addRateLimited(key);
      return undefined;
    }
  }

  async #sync(set: KubeObject, key: string): Promise<ReconcileResult> {
    const history = await this.#history(set);
    const hash = history.current.metadata.labels?.[revisionHashLabel] ?? '';
    const waits: number[] = [];
    const failures: unknown[] = [];
    if (this.#pending.settled(key)) {
      const snapshot = await this.#snapshot(set, hash);
      const { ended, ...plan } = planPlacement(snapshot);
      const replaced = ended.filter((entry) => this.#mayReplace(set, entry, waits));
      failures.push(
        ...(await this.#carryOut(
          set,
          { ...plan, delete: [...plan.delete, ...replaced.map((e) => e.pod)] },
          hash,
        )),
      );
      if (failures.length === 0 && this.#pending.settled(key) && isRolling(set)) {
        failures.push(
          ...(await this.#carryOut(set, planRollingUpdate(await this.#snapshot(set, hash)), hash)),
        );
      }
      await this.#cleanUp(set, history);
    }
    await this.#writeStatus(set, hash, waits);
    const failure = failures.find((error) => !isNamespaceTerminating(error));
    if (failure !== undefined) throw failure;
    return waits.length > 0 ? { requeueAfterMs: Math.min(...waits) } : undefined;
  }

  /** Tells of an ended pod and whether it may be replaced now; if not, when. */
  #mayReplace(set: KubeObject, { pod, node }: Ended, waits: number[]): boolean {
    const { namespace, name } = pod.metadata;
    if (pod['status']?.phase === 'Succeeded') {
      const text = `Found succeeded daemon pod ${namespace}/${name} on node ${node}, will try to delete it`;
      this.#recorder.event(set, 'Normal', 'SucceededDaemonPod', text);
      return true;
    }
    const wait = this.#failedPods.take(`${set.metadata.uid}/${node}`);
    if (wait > 0) {
      waits.push(wait);
      return false;
    }
    const text = `Found failed daemon pod ${namespace}/${name} on node ${node}, will try to kill it`;
    this.#recorder.event(set, 'Warning', 'FailedDaemonPod', text);
    return true;
  }

  async #snapshot(set: KubeObject, hash: string): Promise<Snapshot> {
    const podsByNode = new Map<string, KubeObject[]>();
    for (const pod of await this.#claim(set)) {
      const node = targetNode(pod);
      const held = podsByNode.get(node);
      if (held) held.push(pod);
      else podsByNode.set(node, [pod]);
    }
    const placements = new Map(
      this.#nodes.lister.list().map((node) => [node.metadata.name as string, placementOn(node, set)]),
    );
    return { daemonSet: set, hash, placements, podsByNode, now: this.#context.clock.now() };
  }

  #owner(set: KubeObject): RevisionOwner {
    const { namespace, name } = set.metadata as { namespace: string; name: string };
    return {
      object: set,
      apiVersion,
      kind,
      selector: selectorOf(set),
      recheck: () => this.#context.client.resource(daemonSets, namespace).get(name),
      hash: (collisionCount) => templateHash(set['spec'].template, collisionCount),
    };
  }

  #claim(set: KubeObject): Promise<KubeObject[]> {
    const { lister } = this.#pods;
    const candidates = [
      ...lister.byIndex(byController, set.metadata.uid as string),
      ...lister.byIndex(byController, `orphan/${set.metadata.namespace}`),
    ];
    const client = this.#context.client.resource(pods, set.metadata.namespace);
    const { object: owner, ...rest } = this.#owner(set);
    return claimObjects({ owner, ...rest }, candidates, client);
  }

  async #history(set: KubeObject): Promise<History> {
    const { client } = this.#context;
    const owner = this.#owner(set);
    const all = await claimRevisions(owner, this.#revisions, client);
    const old = all.filter((revision) => !keepsTemplate(set, revision));
    const [held] = all
      .filter((revision) => keepsTemplate(set, revision))
      .sort((a, b) => Number(b['revision']) - Number(a['revision']));
    const number = maxRevision(old) + 1;
    if (!held) return { current: await this.#record(owner, number), old };
    if (held['revision'] >= number) return { current: held, old };
    const resource = client.resource(controllerRevisions, set.metadata.namespace);
    return { current: await resource.update({ ...held, revision: number }), old };
  }

  async #record(owner: RevisionOwner, number: number): Promise<KubeObject> {
    const { client } = this.#context;
    const { object: set } = owner;
    const count: number | undefined = set['status']?.collisionCount;
    try {
      return await createRevision(client, newRevision(owner, number, count));
    } catch (error) {
      if (error instanceof RevisionCollision) {
        const status = { ...set['status'], collisionCount: (count ?? 0) + 1 };
        await client.resource(daemonSets, set.metadata.namespace).updateStatus({ ...set, status });
      }
      throw error;
    }
  }

  async #cleanUp(set: KubeObject, { old }: History): Promise<void> {
    const limit: number = set['spec'].revisionHistoryLimit ?? 10;
    if (old.length <= limit) return;
    const live = new Set((await this.#claim(set)).map((pod) => pod.metadata.labels?.[revisionHashLabel]));
    await truncateHistory(this.#context.client, old, limit, (revision) =>
      live.has(revision.metadata.labels?.[revisionHashLabel]),
    );
  }

  /** Gives what failed. */
  async #carryOut(set: KubeObject, plan: Plan, hash: string): Promise<unknown[]> {
    const owner: PodOwner = { object: set, apiVersion, kind, key: keyOf(set) };
    const create = plan.create.slice(0, burstReplicas);
    const { error } = await slowStart(create.length, (i) =>
      this.#control.create(owner, daemonTemplate(set, create[i] as string, hash)),
    );
    const results = await Promise.allSettled(
      plan.delete.slice(0, burstReplicas).map((pod) => this.#control.delete(owner, pod)),
    );
    const failed = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    return error === undefined ? failed : [error, ...failed];
  }

  async #writeStatus(set: KubeObject, hash: string, waits: number[]): Promise<void> {
    const snapshot = await this.#snapshot(set, hash);
    const { conditions, collisionCount } = set['status'] ?? {};
    const status = {
      ...daemonStatus(snapshot, set.metadata.generation),
      ...(conditions === undefined ? {} : { conditions }),
      ...(collisionCount === undefined ? {} : { collisionCount }),
    };
    const minReady: number = set['spec'].minReadySeconds ?? 0;
    if (minReady > 0) {
      for (const [pod] of [...snapshot.podsByNode.values()].map((list) => [...list].sort(byAge))) {
        const wait = pod && untilAvailable(pod, minReady, snapshot.now);
        if (wait) waits.push(wait);
      }
    }
    if (deepEqual(set['status'] ?? {}, status)) return;
    try {
      await this.#context.client
        .resource(daemonSets, set.metadata.namespace)
        .updateStatus({ ...set, apiVersion, kind, status });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function selectorOf(set: KubeObject): Selector {
  return selectorFromLabelSelector(set['spec'].selector);
}

function isRolling(set: KubeObject): boolean {
  return set['spec'].updateStrategy?.type === 'RollingUpdate';
}

/** Whether a change of a node can change where daemons run. */
function nodeMatters(before: KubeObject, after: KubeObject): boolean {
  return (
    !deepEqual(before.metadata.labels, after.metadata.labels) ||
    !deepEqual(before['spec']?.taints, after['spec']?.taints) ||
    before['spec']?.unschedulable !== after['spec']?.unschedulable
  );
}
