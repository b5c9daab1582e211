import {
  type ClusterReader,
  type Cycle,
  type Plugin,
  type Refusal,
  refuse,
  type Snapshot,
} from './framework.ts';
import { type NodeInfo, type PodInfo, podInfoOf } from './node-info.ts';
import type { Pod } from './types.ts';

/** Where a pod goes, or why it cannot go anywhere. */
export type Placement =
  | { readonly node: string; readonly evaluated: number }
  | { readonly node: undefined; readonly refusals: ReadonlyMap<string, Refusal>; readonly cycle: Cycle };

export interface Placer {
  readonly plugins: readonly Plugin[];
  readonly snapshot: Snapshot;
  readonly cluster: ClusterReader;
  /** Pods that preemption has promised room on a node. */
  readonly nominated: (node: string) => readonly PodInfo[];
  /** 0 up to 1; decides between equal nodes. */
  readonly random: () => number;
  /** Where in the node list to begin; moves on, so that every node gets its turn. */
  readonly start: { index: number };
}

/** Below this number every node is looked at. */
const fewNodes = 100;

/** How many fitting nodes are enough: 50 % less one per 125 nodes, at least 5 %, at least 100 nodes. */
export function enoughNodes(total: number): number {
  if (total < fewNodes) return total;
  const percent = Math.max(5, 50 - Math.floor(total / 125));
  return Math.max(fewNodes, Math.floor((total * percent) / 100));
}

/** Finds the best node for a pod: pre-filter, filter, score. Pure: reads the snapshot, changes nothing. */
export function schedulePod(placer: Placer, pod: Pod): Placement {
  const cycle: Cycle = {
    pod,
    info: podInfoOf(pod),
    snapshot: placer.snapshot,
    cluster: placer.cluster,
    state: new Map(),
  };
  const filters = runPreFilters(placer, cycle);
  if ('refusal' in filters) {
    const all = new Map(placer.snapshot.nodes.map((node) => [node.name, filters.refusal] as const));
    return { node: undefined, refusals: all, cycle };
  }
  const { fitting, refusals, evaluated } = findFitting(placer, cycle, filters.active, filters.nodes);
  if (fitting.length === 0) return { node: undefined, refusals, cycle };
  const best = fitting.length === 1 ? (fitting[0] as NodeInfo) : pickBest(placer, cycle, fitting);
  return { node: best.name, evaluated };
}

type Filters =
  | { readonly active: readonly Plugin[]; readonly nodes: ReadonlySet<string> | undefined }
  | { readonly refusal: Refusal };

function runPreFilters(placer: Placer, cycle: Cycle): Filters {
  const active: Plugin[] = [];
  let nodes: ReadonlySet<string> | undefined;
  for (const plugin of placer.plugins) {
    const result = plugin.preFilter?.(cycle);
    if (result?.refusal) return { refusal: result.refusal };
    if (result?.nodes) nodes = nodes === undefined ? result.nodes : nodes.intersection(result.nodes);
    if (plugin.filter && !result?.skip) active.push(plugin);
  }
  return { active, nodes };
}

function findFitting(
  placer: Placer,
  cycle: Cycle,
  filters: readonly Plugin[],
  only: ReadonlySet<string> | undefined,
): { fitting: NodeInfo[]; refusals: Map<string, Refusal>; evaluated: number } {
  const all = placer.snapshot.nodes;
  const refusals = new Map<string, Refusal>();
  const fitting: NodeInfo[] = [];
  if (only) {
    const reason = refuse('NodeAffinity', "node(s) didn't satisfy plugin(s) [NodeAffinity]", false);
    for (const node of all) if (!only.has(node.name)) refusals.set(node.name, reason);
  }
  const candidates = only ? all.filter((node) => only.has(node.name)) : all;
  const enough = enoughNodes(candidates.length);
  let evaluated = 0;
  for (; evaluated < candidates.length && fitting.length < enough; evaluated++) {
    const node = candidates[(placer.start.index + evaluated) % candidates.length] as NodeInfo;
    const refusal = filterNode(placer, cycle, filters, node);
    if (refusal) refusals.set(node.name, refusal);
    else fitting.push(node);
  }
  if (candidates.length > 0) placer.start.index = (placer.start.index + evaluated) % candidates.length;
  return { fitting, refusals, evaluated };
}

/**
 * Runs the filters, first with the pods nominated to the node that are at least as important; then, since
 * those may never arrive and the pod must not depend on them, without.
 */
function filterNode(
  placer: Pick<Placer, 'nominated'>,
  cycle: Cycle,
  filters: readonly Plugin[],
  node: NodeInfo,
): Refusal | undefined {
  const priority = cycle.pod['spec'].priority ?? 0;
  const nominated = placer
    .nominated(node.name)
    .filter(
      (info) =>
        (info.pod['spec'].priority ?? 0) >= priority && info.pod.metadata.uid !== cycle.pod.metadata.uid,
    );
  if (nominated.length > 0) {
    const crowded = node.copy();
    const crowdedCycle = { ...cycle, state: structuredCopy(cycle.state) };
    for (const info of nominated) {
      crowded.addPod(info);
      for (const plugin of filters) plugin.addPod?.(crowdedCycle, info, crowded);
    }
    const refusal = runFilters(filters, crowdedCycle, crowded);
    if (refusal) return refusal;
  }
  return runFilters(filters, cycle, node);
}

export function runFilters(filters: readonly Plugin[], cycle: Cycle, node: NodeInfo): Refusal | undefined {
  for (const plugin of filters) {
    const refusal = plugin.filter?.(cycle, node);
    if (refusal) return refusal;
  }
  return undefined;
}

/** Copies the maps that `addPod` and `removePod` change; what they hold besides is immutable. */
export function structuredCopy(state: ReadonlyMap<string, unknown>): Map<string, unknown> {
  const copyValue = (value: unknown): unknown => {
    if (value instanceof Map) return new Map([...value].map(([k, v]) => [k, copyValue(v)]));
    if (Array.isArray(value)) return value.map(copyValue);
    if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, copyValue(v)]));
    }
    return value;
  };
  return new Map([...state].map(([k, v]) => [k, copyValue(v)]));
}

function pickBest(placer: Placer, cycle: Cycle, nodes: readonly NodeInfo[]): NodeInfo {
  const totals = new Array<number>(nodes.length).fill(0);
  for (const plugin of placer.plugins) {
    if (!plugin.score || plugin.preScore?.(cycle, nodes) === false) continue;
    const scores = nodes.map((node) => plugin.score?.(cycle, node) as number);
    plugin.normalize?.(cycle, nodes, scores);
    const weight = plugin.weight ?? 1;
    for (let i = 0; i < scores.length; i++)
      totals[i] = (totals[i] as number) + weight * (scores[i] as number);
  }
  let best = 0;
  let ties = 1;
  for (let i = 1; i < totals.length; i++) {
    const difference = (totals[i] as number) - (totals[best] as number);
    if (difference > 0) {
      best = i;
      ties = 1;
    } else if (difference === 0 && placer.random() < 1 / ++ties) {
      best = i;
    }
  }
  return nodes[best] as NodeInfo;
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.` */
export function explainRefusals(total: number, refusals: ReadonlyMap<string, Refusal>): string {
  if (total === 0) return 'no nodes available to schedule pods';
  const counts = new Map<string, number>();
  for (const { reasons } of refusals.values()) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const texts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${total} nodes are available: ${texts.join(', ')}.`;
}
