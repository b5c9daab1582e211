import type { Snapshot } from './framework.ts';
import { NodeInfo, type PodInfo, podInfoOf } from './node-info.ts';
import { isTerminated, type Node, type Pod, podKey } from './types.ts';

const zoneLabel = 'topology.kubernetes.io/zone';

/**
 * Nodes and the pods on them, kept by the informers, and the pods that this scheduler has placed but whose
 * binding has not come back yet ("assumed"). An attempt runs without a pause, so it reads the cache itself:
 * no copy is taken, and `Snapshot` is only its read side.
 */
export class SchedulerCache implements Snapshot {
  readonly #infos = new Map<string, NodeInfo>();
  /** Where every known pod is counted. */
  readonly #placed = new Map<
    string,
    { readonly node: string; readonly info: PodInfo; readonly assumed: boolean }
  >();
  /** Pods on nodes that are not known (yet). */
  readonly #homeless = new Map<string, Map<string, PodInfo>>();
  #ordered: readonly NodeInfo[] | undefined;

  /** Interleaved by zone, so that looking at the first part of the list sees every zone. */
  get nodes(): readonly NodeInfo[] {
    this.#ordered ??= interleave([...this.#infos.values()]);
    return this.#ordered;
  }

  get(name: string): NodeInfo | undefined {
    return this.#infos.get(name);
  }

  get withAffinity(): readonly NodeInfo[] {
    return this.nodes.filter((node) => node.podsWithAffinity.size > 0);
  }

  get withRequiredAntiAffinity(): readonly NodeInfo[] {
    return this.nodes.filter((node) => node.podsWithRequiredAntiAffinity.size > 0);
  }

  setNode(node: Node): void {
    const name = node.metadata.name as string;
    const before = this.#infos.get(name);
    const info = before ? before.copy(node) : new NodeInfo(node);
    if (!before) {
      for (const pod of this.#homeless.get(name)?.values() ?? []) info.addPod(pod);
      this.#homeless.delete(name);
    }
    this.#infos.set(name, info);
    this.#ordered = undefined;
  }

  removeNode(name: string): void {
    const info = this.#infos.get(name);
    if (!info) return;
    this.#infos.delete(name);
    this.#ordered = undefined;
    if (info.pods.size > 0) this.#homeless.set(name, new Map(info.pods));
  }

  /** A pod as the API server has it; ended and unbound pods are not counted. */
  setPod(pod: Pod): void {
    const node: string | undefined = pod['spec'].nodeName;
    const key = podKey(pod);
    const before = this.#placed.get(key);
    if (!node || isTerminated(pod)) {
      // An assumed pod stays where it was put until its binding is seen or fails.
      if (before && !(before.assumed && !node)) this.#remove(key);
      return;
    }
    this.#remove(key);
    this.#put(key, node, podInfoOf(pod), false);
  }

  removePod(pod: Pod): void {
    this.#remove(podKey(pod));
  }

  /** Counts the pod on the node from now on. */
  assume(pod: Pod, node: string): void {
    this.#put(podKey(pod), node, podInfoOf(pod), true);
  }

  /** Takes an assumption back, unless the binding was seen meanwhile. */
  forget(pod: Pod): void {
    const key = podKey(pod);
    if (this.#placed.get(key)?.assumed) this.#remove(key);
  }

  isAssumed(pod: Pod): boolean {
    return this.#placed.get(podKey(pod))?.assumed ?? false;
  }

  #put(key: string, node: string, info: PodInfo, assumed: boolean): void {
    this.#placed.set(key, { node, info, assumed });
    const nodeInfo = this.#infos.get(node);
    if (nodeInfo) {
      nodeInfo.addPod(info);
      return;
    }
    const waiting = this.#homeless.get(node) ?? new Map<string, PodInfo>();
    this.#homeless.set(node, waiting.set(key, info));
  }

  #remove(key: string): void {
    const placed = this.#placed.get(key);
    if (!placed) return;
    this.#placed.delete(key);
    this.#infos.get(placed.node)?.removePod(placed.info);
    this.#homeless.get(placed.node)?.delete(key);
  }
}

function interleave(nodes: readonly NodeInfo[]): NodeInfo[] {
  const zones = [...Map.groupBy(nodes, (node) => node.labels[zoneLabel] ?? '').values()];
  if (zones.length === 1) return [...nodes];
  const out: NodeInfo[] = [];
  for (let i = 0; out.length < nodes.length; i++) {
    for (const zone of zones) {
      const node = zone[i];
      if (node) out.push(node);
    }
  }
  return out;
}
