import type { Client, ResourceClient } from '@coxswain/client';
import type { Informer, ReconcileResult } from '@coxswain/controller';
import {
  apiVersionOf,
  isConflict,
  isNotFound,
  type KubeObject,
  type OwnerReference,
  parseApiVersion,
} from '@coxswain/machinery';
import type { ControllerContext, RunnableController } from '../shared/context.ts';
import { messageOf } from '../shared/pod-control.ts';
import { discoverResources, type ServedResource } from '../shared/served-resources.ts';
import {
  blockingDependents,
  foregroundFinalizer,
  type GraphNode,
  OwnershipGraph,
  orphanFinalizer,
  type Wanted,
} from './ownership-graph.ts';

/** New resources (of custom resource definitions, say) are looked for this often. */
const discoveryPeriodMs = 30_000;

/** Resources whose objects own nothing and are owned by nothing: they are many and end by themselves. */
const ignored = new Set(['events', 'events.events.k8s.io']);

/** Deletes what has lost its owners, and carries out orphaning and foreground deletion. */
export class GarbageCollector implements RunnableController {
  readonly name = 'garbage-collector-controller';
  readonly #context: ControllerContext;
  readonly #client: Client;
  readonly #graph = new OwnershipGraph();
  readonly #queue: ReturnType<ControllerContext['queue']>;
  readonly #served = new Map<string, ServedResource>();
  readonly #informers = new Map<string, Informer>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#client = context.client;
    this.#queue = context.queue(this.name);
  }

  async run(signal: AbortSignal): Promise<void> {
    await this.#discover(signal);
    const workers = this.#queue.run((key) => this.#reconcile(key), { workers: 20, signal });
    void this.#rediscover(signal);
    await workers;
  }

  async #rediscover(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.#context.clock.sleep(discoveryPeriodMs, signal);
        await this.#discover(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#context.logger.warn('discovery for garbage collection failed', { error: messageOf(error) });
      }
    }
  }

  /** Watches every resource that can be watched and deleted, in its preferred version. */
  async #discover(signal: AbortSignal): Promise<void> {
    const fresh: Informer[] = [];
    for (const resource of await collectable(this.#client)) {
      this.#served.set(`${apiVersionOf(resource)} ${resource.kind}`, resource);
      const id = `${resource.resource}.${resource.group}`.replace(/\.$/, '');
      if (ignored.has(id) || this.#informers.has(id)) continue;
      const { group, version, resource: plural } = resource;
      const ref = { group, version, resource: plural };
      const informer = this.#context.informers.informer(ref);
      this.#informers.set(id, informer);
      fresh.push(informer);
      informer.addHandler({
        onAdd: (object) => this.#enqueue(this.#graph.set(ref, object)),
        onUpdate: (before, after) => {
          if (before.metadata.uid !== after.metadata.uid)
            this.#enqueue(this.#graph.delete(before.metadata.uid as string));
          this.#enqueue(this.#graph.set(ref, after));
        },
        onDelete: (object) => this.#enqueue(this.#graph.delete(object.metadata.uid as string)),
      });
    }
    this.#context.informers.start(signal);
    // Nothing is judged an orphan before all owners could be seen.
    await Promise.all(fresh.map((informer) => informer.whenSynced(signal)));
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
    const served = this.#served.get(`${owner.apiVersion} ${owner.kind}`) ?? this.#servedByKind(owner);
    if (!served) throw new Error(`owner ${owner.apiVersion} ${owner.kind} is of no known resource`);
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

  /** The reference may name a version other than the preferred one. */
  #servedByKind(owner: OwnerReference): ServedResource | undefined {
    const { group } = parseApiVersion(owner.apiVersion);
    for (const served of this.#served.values()) {
      if (served.group === group && served.kind === owner.kind) return served;
    }
    return undefined;
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

/** Every resource that can be watched and deleted, in the preferred version of its group. */
async function collectable(client: Client): Promise<ServedResource[]> {
  const served = await discoverResources(client);
  return served.filter(({ verbs }) => ['delete', 'list', 'watch'].every((verb) => verbs.includes(verb)));
}
