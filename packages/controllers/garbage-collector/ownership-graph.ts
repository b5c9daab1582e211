import type { GroupVersionResource, KubeObject, OwnerReference } from '@coxswain/machinery';

/** An object as the garbage collector knows it. */
export interface GraphNode {
  readonly uid: string;
  /** Where it was seen last: its kind may be served in other versions than before. */
  ref: GroupVersionResource;
  /** '' for cluster-scoped objects. */
  readonly namespace: string;
  readonly name: string;
  owners: readonly OwnerReference[];
  readonly dependents: Set<GraphNode>;
  /** Has a deletion timestamp. */
  deleting: boolean;
  finalizers: readonly string[];
}

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** What a change of the graph asks to be looked at. */
export interface Wanted {
  /** Objects that may have lost their owners. */
  readonly checkOwners: readonly GraphNode[];
  /** Objects being deleted whose dependents are to be let go. */
  readonly orphan: readonly GraphNode[];
  /** Objects being deleted that wait for their dependents. */
  readonly foreground: readonly GraphNode[];
}

/**
 * Who owns whom, by UID, over all resources. Pure: takes what the informers show and says what to look at.
 * An owner may be named before it is seen, or never be: its dependents are kept under its UID.
 */
export class OwnershipGraph {
  readonly #nodes = new Map<string, GraphNode>();
  /** Dependents of owners, seen or not. */
  readonly #dependents = new Map<string, Set<GraphNode>>();

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  get size(): number {
    return this.#nodes.size;
  }

  set(ref: GroupVersionResource, object: KubeObject): Wanted {
    const {
      uid,
      namespace = '',
      name,
    } = object.metadata as { uid: string; namespace?: string; name: string };
    const owners = object.metadata.ownerReferences ?? [];
    const finalizers = object.metadata.finalizers ?? [];
    const deleting = object.metadata.deletionTimestamp !== undefined;
    const held = this.#nodes.get(uid);
    const node: GraphNode = held ?? {
      uid,
      ref,
      namespace,
      name,
      owners: [],
      dependents: this.#dependentsOf(uid),
      deleting: false,
      finalizers: [],
    };
    this.#nodes.set(uid, node);
    for (const owner of node.owners)
      if (!owners.some((o) => o.uid === owner.uid)) this.#unlink(owner.uid, node);
    for (const owner of owners) this.#dependentsOf(owner.uid).add(node);
    const ownersChanged =
      node.owners.length !== owners.length || node.owners.some((o, i) => o.uid !== owners[i]?.uid);
    const before = { deleting: node.deleting, finalizers: node.finalizers };
    const unblocked = node.owners.flatMap(({ uid: owner, blockOwnerDeletion }) => {
      const stillBlocked = owners.some((o) => o.uid === owner && o.blockOwnerDeletion);
      const ownerNode = this.#waits(owner) ? this.#nodes.get(owner) : undefined;
      return blockOwnerDeletion && !stillBlocked && ownerNode ? [ownerNode] : [];
    });
    Object.assign(node, { ref, owners, finalizers, deleting });
    const starts = (finalizer: string): boolean =>
      deleting &&
      finalizers.includes(finalizer) &&
      !(before.deleting && before.finalizers.includes(finalizer));
    const unseenOwner = ownersChanged && owners.some((owner) => !this.#nodes.has(owner.uid));
    // An owner that began to wait for its dependents makes each of them worth a look.
    const owned = owners.some((owner) => this.#waits(owner.uid));
    return {
      checkOwners: unseenOwner || (owned && !deleting) ? [node] : [],
      orphan: starts(orphanFinalizer) ? [node] : [],
      foreground: [...(starts(foregroundFinalizer) ? [node] : []), ...unblocked],
    };
  }

  delete(uid: string): Wanted {
    const node = this.#nodes.get(uid);
    this.#nodes.delete(uid);
    if (!node) return { checkOwners: [], orphan: [], foreground: [] };
    for (const owner of node.owners) this.#unlink(owner.uid, node);
    if (node.dependents.size === 0) this.#dependents.delete(uid);
    const waiting = node.owners.flatMap((owner) => {
      const ownerNode = this.#nodes.get(owner.uid);
      return ownerNode && this.#waits(owner.uid) ? [ownerNode] : [];
    });
    return { checkOwners: [...node.dependents], orphan: [], foreground: waiting };
  }

  /** Whether the owner is being deleted in the foreground. */
  #waits(uid: string): boolean {
    const node = this.#nodes.get(uid);
    return node?.deleting === true && node.finalizers.includes(foregroundFinalizer);
  }

  waitsForDependents(uid: string): boolean {
    return this.#waits(uid);
  }

  #dependentsOf(uid: string): Set<GraphNode> {
    let set = this.#dependents.get(uid);
    if (!set) {
      set = new Set();
      this.#dependents.set(uid, set);
    }
    return set;
  }

  #unlink(ownerUid: string, node: GraphNode): void {
    const set = this.#dependents.get(ownerUid);
    set?.delete(node);
    if (set?.size === 0 && !this.#nodes.has(ownerUid)) this.#dependents.delete(ownerUid);
  }
}

/** The dependents that keep their owner from going, as long as it waits for them. */
export function blockingDependents(node: GraphNode): GraphNode[] {
  return [...node.dependents].filter((dependent) =>
    dependent.owners.some((owner) => owner.uid === node.uid && owner.blockOwnerDeletion),
  );
}
