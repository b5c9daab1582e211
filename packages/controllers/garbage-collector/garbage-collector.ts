import type { Client, ResourceClient } from '@coxswain/client';
import { type EventHandler, LruCache, type ReconcileResult } from '@coxswain/controller';
import {
  type GroupVersionResource,
  isConflict,
  isNotFound,
  type KubeObject,
  type OwnerReference,
} from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import {
  blockingDependents,
  foregroundFinalizer,
  type GraphNode,
  OwnershipGraph,
  orphanFinalizer,
  type Wanted,
} from './ownership-graph.ts';
import { ResourceMonitors } from './resource-monitors.ts';

/** Owners that are known to be gone and may be asked for again: as many as upstream remembers. */
const absentKept = 500;

/** An owner is of a kind that discovery does not show. */
class UnknownKindError extends Error {
  override readonly name = 'UnknownKindError';
  readonly code = 'ERR_UNKNOWN_KIND';

  constructor({ apiVersion, kind }: OwnerReference) {
    super(`looking for an owner: ${JSON.stringify(`${apiVersion} ${kind}`)} is of no known resource`);
  }
}

/** Deletes what has lost its owners, and carries out orphaning and foreground deletion. */
export class GarbageCollector implements RunnableController {
  readonly name = 'garbage-collector-controller';
  readonly #client: Client;
  readonly #graph = new OwnershipGraph();
  readonly #queue: ReturnType<ControllerContext['queue']>;
  readonly #monitors: ResourceMonitors;
  /** UIDs of owners whose deletion was seen: of a kind that may be served no more when their dependents' turn comes. */
  readonly #absent = new LruCache<true>(absentKept);
  /** What could not be judged for want of an owner's kind. */
  readonly #unjudged = new Set<string>();

  constructor(context: ControllerContext) {
    this.#client = context.client;
    this.#queue = context.queue(this.name);
    this.#monitors = new ResourceMonitors(context, {
      handlerOf: (ref) => this.#handlerOf(ref),
      discovered: () => this.#judgeAgain(),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#monitors.start(signal);
    const workers = this.#queue.run((key) => this.#reconcile(key), { workers: 20, signal });
    await Promise.all([workers, this.#monitors.run(signal)]);
  }

  #handlerOf(ref: GroupVersionResource): EventHandler<KubeObject> {
    return {
      onAdd: (object) => this.#enqueue(this.#graph.set(ref, object)),
      onUpdate: (before, after) => {
        if (before.metadata.uid !== after.metadata.uid) this.#gone(before.metadata.uid as string);
        this.#enqueue(this.#graph.set(ref, after));
      },
      onDelete: (object) => this.#gone(object.metadata.uid as string),
    };
  }

  #gone(uid: string): void {
    const wanted = this.#graph.delete(uid);
    if (wanted.checkOwners.length > 0) this.#absent.set(uid, true);
    this.#enqueue(wanted);
  }

  /** Kinds may be known by now that were not. */
  #judgeAgain(): void {
    for (const key of this.#unjudged) this.#queue.add(key);
    this.#unjudged.clear();
  }

  #enqueue(wanted: Wanted): void {
    for (const node of wanted.checkOwners) this.#queue.add(`owners ${node.uid}`);
    for (const node of wanted.orphan) this.#queue.add(`orphan ${node.uid}`);
    for (const node of wanted.foreground) {
      this.#queue.add(`foreground ${node.uid}`);
      for (const dependent of node.dependents) this.#queue.add(`owners ${dependent.uid}`);
    }
  }

  async #reconcile(key: string): Promise<ReconcileResult> {
    const [task, uid] = key.split(' ') as [string, string];
    const node = this.#graph.get(uid);
    if (!node) return undefined;
    try {
      if (task === 'owners') await this.#checkOwners(node);
      else if (task === 'orphan') await this.#orphan(node);
      else await this.#finishForeground(node);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (isConflict(error)) return { requeueAfterMs: 50 };
      if (error instanceof UnknownKindError) this.#unjudged.add(key);
      throw error;
    }
    return undefined;
  }

  #resource(node: GraphNode): ResourceClient {
    return this.#client.resource(node.ref, node.namespace === '' ? undefined : node.namespace);
  }

  /** Deletes the object when none of its owners is left; else drops the references to those that are gone. */
  async #checkOwners(node: GraphNode): Promise<void> {
    if (node.owners.length === 0) return;
    if (node.deleting && !this.#graph.waitsForDependents(node.uid)) return;
    let live = await this.#resource(node).get(node.name);
    const owners = live.metadata.ownerReferences ?? [];
    if (live.metadata.uid !== node.uid || owners.length === 0) return;
    const solid: OwnerReference[] = [];
    const dangling: OwnerReference[] = [];
    const waiting: OwnerReference[] = [];
    for (const owner of owners) {
      const state = await this.#ownerState(owner, node.namespace);
      (state === 'solid' ? solid : state === 'waiting' ? waiting : dangling).push(owner);
    }
    if (solid.length > 0) {
      const gone = [...dangling, ...waiting].map((owner) => owner.uid);
      if (gone.length > 0) await this.#dropOwners(node, live, gone);
      return;
    }
    const foreground = waiting.length > 0 && node.dependents.size > 0;
    if (foreground && [...node.dependents].some((d) => this.#graph.waitsForDependents(d.uid))) {
      // Its dependents wait too: owners in a circle would wait for each other for ever.
      live = await this.#unblockOwners(node, live);
    }
    await this.#delete(node, live, foreground ? 'Foreground' : policyOf(live));
  }

  async #ownerState(owner: OwnerReference, namespace: string): Promise<'solid' | 'dangling' | 'waiting'> {
    const known = this.#graph.get(owner.uid);
    // An owner in another namespace cannot own; one of the same UID elsewhere is none of ours.
    if (known && (known.namespace === '' || known.namespace === namespace)) {
      return this.#graph.waitsForDependents(owner.uid) ? 'waiting' : 'solid';
    }
    if (this.#absent.get(owner.uid) === true) return 'dangling';
    const served = this.#monitors.find(owner);
    if (!served) throw new UnknownKindError(owner);
    if (served.namespaced && namespace === '') return 'dangling';
    try {
      const { group, version, resource } = served;
      const client = this.#client.resource(
        { group, version, resource },
        served.namespaced ? namespace : undefined,
      );
      const found = await client.get(owner.name);
      return found.metadata.uid === owner.uid ? 'solid' : 'dangling';
    } catch (error) {
      if (isNotFound(error)) return 'dangling';
      throw error;
    }
  }

  async #dropOwners(node: GraphNode, live: KubeObject, uids: readonly string[]): Promise<void> {
    const ownerReferences = (live.metadata.ownerReferences ?? []).filter(
      (owner) => !uids.includes(owner.uid),
    );
    await this.#resource(node).patch(node.name, 'application/merge-patch+json', {
      metadata: {
        resourceVersion: live.metadata.resourceVersion,
        uid: node.uid,
        ownerReferences: ownerReferences.length === 0 ? null : ownerReferences,
      },
    });
  }

  /** The owners no longer wait for the object to go. */
  async #unblockOwners(node: GraphNode, live: KubeObject): Promise<KubeObject> {
    const owners = live.metadata.ownerReferences ?? [];
    if (!owners.some((owner) => owner.blockOwnerDeletion)) return live;
    return await this.#resource(node).patch(node.name, 'application/merge-patch+json', {
      metadata: {
        uid: node.uid,
        resourceVersion: live.metadata.resourceVersion,
        ownerReferences: owners.map(({ blockOwnerDeletion, ...owner }) => ({
          ...owner,
          ...(blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion: false }),
        })),
      },
    });
  }

  async #delete(
    node: GraphNode,
    live: KubeObject,
    propagationPolicy: 'Orphan' | 'Background' | 'Foreground',
  ): Promise<void> {
    await this.#resource(node).delete(node.name, {
      propagationPolicy,
      // An owner added meanwhile changes the version, and the object then stays.
      preconditions: { uid: node.uid, resourceVersion: live.metadata.resourceVersion as string },
    });
  }

  async #orphan(node: GraphNode): Promise<void> {
    for (const dependent of node.dependents) {
      try {
        const live = await this.#resource(dependent).get(dependent.name);
        if ((live.metadata.ownerReferences ?? []).some((owner) => owner.uid === node.uid)) {
          await this.#dropOwners(dependent, live, [node.uid]);
        }
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    await this.#removeFinalizer(node, orphanFinalizer);
  }

  async #finishForeground(node: GraphNode): Promise<void> {
    if (!this.#graph.waitsForDependents(node.uid)) return;
    const blocking = blockingDependents(node);
    if (blocking.length === 0) {
      await this.#removeFinalizer(node, foregroundFinalizer);
      return;
    }
    for (const dependent of blocking) if (!dependent.deleting) this.#queue.add(`owners ${dependent.uid}`);
  }

  async #removeFinalizer(node: GraphNode, finalizer: string): Promise<void> {
    const live = await this.#resource(node).get(node.name);
    const held = live.metadata.finalizers ?? [];
    if (live.metadata.uid !== node.uid || !held.includes(finalizer)) return;
    const left = held.filter((name) => name !== finalizer);
    await this.#resource(node).patch(node.name, 'application/merge-patch+json', {
      metadata: { resourceVersion: live.metadata.resourceVersion, uid: node.uid, finalizers: left },
    });
  }
}

/** What the object itself asks for by its finalizers. */
function policyOf(object: KubeObject): 'Orphan' | 'Background' | 'Foreground' {
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(orphanFinalizer)) return 'Orphan';
  return finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
}
