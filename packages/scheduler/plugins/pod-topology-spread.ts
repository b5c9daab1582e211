import { firstUntolerated, matchesPodNodeAffinity } from '@coxswain/api';
import { selectorFromLabelSelector } from '@coxswain/machinery';
import { type Cycle, maxNodeScore, type Plugin, refuse } from '../framework.ts';
import type { NodeInfo, PodInfo } from '../node-info.ts';
import type { Pod } from '../types.ts';

const hostname = 'kubernetes.io/hostname';
const zone = 'topology.kubernetes.io/zone';

interface Constraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly matches: (pod: Pod) => boolean;
  readonly honourAffinity: boolean;
  readonly honourTaints: boolean;
}

interface FilterState {
  readonly constraints: readonly Constraint[];
  /** For each constraint: matching pods by value of its topology key. */
  readonly counts: readonly Map<string, number>[];
}

interface ScoreState {
  readonly constraints: readonly Constraint[];
  readonly counts: readonly Map<string, number>[];
  /** ln(domains + 2) for each constraint: the more domains, the heavier a constraint. */
  readonly weights: readonly number[];
  readonly ignored: ReadonlySet<string>;
}

/** Honours topologySpreadConstraints; spreads pods of one service or controller where a pod states none. */
export const podTopologySpread: Plugin = {
  name: 'PodTopologySpread',
  weight: 2,
  preFilter(cycle) {
    const constraints = statedConstraints(cycle.pod, 'DoNotSchedule');
    if (constraints.length === 0) return { skip: true };
    const counts = constraints.map(() => new Map<string, number>());
    for (const node of cycle.snapshot.nodes) {
      for (const [i, constraint] of constraints.entries()) {
        if (!eligible(cycle.pod, node, constraint) || !hasKeys(node, constraints)) continue;
        count(counts[i] as Map<string, number>, constraint, node, cycle.pod);
      }
    }
    cycle.state.set('PodTopologySpread', { constraints, counts } satisfies FilterState);
    return {};
  },
  filter(cycle, node) {
    const { constraints, counts } = cycle.state.get('PodTopologySpread') as FilterState;
    for (const [i, constraint] of constraints.entries()) {
      const value = node.labels[constraint.topologyKey];
      if (value === undefined) {
        return refuse(
          'PodTopologySpread',
          "node(s) didn't match pod topology spread constraints (missing required label)",
          false,
        );
      }
      const domains = counts[i] as Map<string, number>;
      const fewest = domains.size < constraint.minDomains ? 0 : Math.min(...domains.values());
      const self = constraint.matches(cycle.pod) ? 1 : 0;
      if ((domains.get(value) ?? 0) + self - (Number.isFinite(fewest) ? fewest : 0) > constraint.maxSkew) {
        return refuse('PodTopologySpread', "node(s) didn't match pod topology spread constraints");
      }
    }
    return undefined;
  },
  addPod: (cycle, added, node) => adjust(cycle, added, node, 1),
  removePod: (cycle, removed, node) => adjust(cycle, removed, node, -1),
  preScore(cycle, nodes) {
    const stated = statedConstraints(cycle.pod, 'ScheduleAnyway');
    const constraints =
      stated.length > 0 || cycle.pod['spec'].topologySpreadConstraints ? stated : defaults(cycle);
    if (constraints.length === 0) return false;
    // A cluster without zones is spread by host name alone.
    const requireKeys = stated.length > 0;
    const ignored = new Set(nodes.filter((n) => requireKeys && !hasKeys(n, constraints)).map((n) => n.name));
    const counts = constraints.map(() => new Map<string, number>());
    const scored = nodes.filter((n) => !ignored.has(n.name));
    for (const [i, constraint] of constraints.entries()) {
      const domains = counts[i] as Map<string, number>;
      for (const node of scored) {
        const value = node.labels[constraint.topologyKey];
        if (value !== undefined) domains.set(value, 0);
      }
      for (const node of cycle.snapshot.nodes) {
        const value = node.labels[constraint.topologyKey];
        if (value === undefined || !domains.has(value) || !eligible(cycle.pod, node, constraint)) continue;
        count(domains, constraint, node, cycle.pod);
      }
    }
    const weights = counts.map((domains) => Math.log(domains.size + 2));
    cycle.state.set('PodTopologySpreadScore', { constraints, counts, weights, ignored } satisfies ScoreState);
    return true;
  },
  score(cycle, node) {
    const { constraints, counts, weights, ignored } = cycle.state.get('PodTopologySpreadScore') as ScoreState;
    if (ignored.has(node.name)) return 0;
    let sum = 0;
    for (const [i, constraint] of constraints.entries()) {
      const value = node.labels[constraint.topologyKey];
      if (value === undefined) continue;
      const matching = counts[i]?.get(value) ?? 0;
      sum += matching * (weights[i] as number) + (constraint.maxSkew - 1);
    }
    return Math.round(sum);
  },
  normalize(cycle, nodes, scores) {
    const { ignored } = cycle.state.get('PodTopologySpreadScore') as ScoreState;
    const counted = scores.filter((_, i) => !ignored.has((nodes[i] as NodeInfo).name));
    const least = Math.min(...counted);
    const most = Math.max(...counted);
    for (let i = 0; i < scores.length; i++) {
      if (ignored.has((nodes[i] as NodeInfo).name)) scores[i] = 0;
      else if (most === 0) scores[i] = maxNodeScore;
      else scores[i] = Math.floor((maxNodeScore * (most + least - (scores[i] as number))) / most);
    }
  },
  wakes: ['node-add', 'node-update', 'pod-add', 'pod-update', 'pod-delete'],
};

function adjust(cycle: Cycle, other: PodInfo, node: NodeInfo, by: number): void {
  const state = cycle.state.get('PodTopologySpread') as FilterState | undefined;
  if (!state || other.pod.metadata.namespace !== cycle.pod.metadata.namespace) return;
  for (const [i, constraint] of state.constraints.entries()) {
    const value = node.labels[constraint.topologyKey];
    if (value === undefined || !constraint.matches(other.pod)) continue;
    const domains = state.counts[i] as Map<string, number>;
    domains.set(value, (domains.get(value) ?? 0) + by);
  }
}

function statedConstraints(pod: Pod, when: 'DoNotSchedule' | 'ScheduleAnyway'): Constraint[] {
  const labels = pod.metadata.labels ?? {};
  return (pod['spec'].topologySpreadConstraints ?? [])
    .filter((c: Record<string, any>) => c['whenUnsatisfiable'] === when)
    .map((c: Record<string, any>): Constraint => {
      const selector = selectorFromLabelSelector(c['labelSelector'] ?? { matchExpressions: [] });
      const fixed: [string, string][] = (c['matchLabelKeys'] ?? []).flatMap((key: string) =>
        labels[key] === undefined ? [] : [[key, labels[key]]],
      );
      return {
        topologyKey: c['topologyKey'],
        maxSkew: c['maxSkew'],
        minDomains: c['minDomains'] ?? 1,
        matches: (other) =>
          c['labelSelector'] !== undefined &&
          selector.matches(other.metadata.labels) &&
          fixed.every(([key, value]) => other.metadata.labels?.[key] === value),
        honourAffinity: (c['nodeAffinityPolicy'] ?? 'Honor') === 'Honor',
        honourTaints: c['nodeTaintsPolicy'] === 'Honor',
      };
    });
}

/** The system's default constraints, over the selectors of what owns or serves the pod. */
function defaults(cycle: Cycle): Constraint[] {
  const selectors = cycle.cluster.spreadSelectors(cycle.pod).map((s) => selectorFromLabelSelector(s));
  if (selectors.length === 0) return [];
  const matches = (pod: Pod): boolean => selectors.every((s) => s.matches(pod.metadata.labels));
  const common = { minDomains: 1, matches, honourAffinity: true, honourTaints: false };
  return [
    { ...common, topologyKey: hostname, maxSkew: 3 },
    { ...common, topologyKey: zone, maxSkew: 5 },
  ];
}

function hasKeys(node: NodeInfo, constraints: readonly Constraint[]): boolean {
  return constraints.every((c) => node.labels[c.topologyKey] !== undefined);
}

function eligible(pod: Pod, node: NodeInfo, constraint: Constraint): boolean {
  if (constraint.honourAffinity && !matchesPodNodeAffinity(pod, node.node)) return false;
  const taints = node.node['spec']?.taints;
  if (!constraint.honourTaints || !taints) return true;
  return firstUntolerated(taints, pod['spec'].tolerations ?? [], ['NoSchedule', 'NoExecute']) === undefined;
}

function count(domains: Map<string, number>, constraint: Constraint, node: NodeInfo, pod: Pod): void {
  const value = node.labels[constraint.topologyKey];
  if (value === undefined) return;
  let matching = 0;
  for (const other of node.pods.values()) {
    if (other.pod.metadata.namespace !== pod.metadata.namespace || other.pod.metadata.deletionTimestamp)
      continue;
    if (constraint.matches(other.pod)) matching++;
  }
  domains.set(value, (domains.get(value) ?? 0) + matching);
}
