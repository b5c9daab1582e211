import { selectorFromLabelSelector } from '@coxswain/machinery';
import { type Cycle, maxNodeScore, type Plugin, refuse } from '../framework.ts';
import type { NodeInfo, PodInfo } from '../node-info.ts';
import type { Pod } from '../types.ts';

interface Term {
  readonly topologyKey: string;
  readonly weight: number;
  readonly matches: (pod: Pod) => boolean;
}

/** Matching pods by `topologyKey=value`. */
type Counts = Map<string, number>;

interface State {
  readonly affinity: readonly Term[];
  readonly antiAffinity: readonly Term[];
  /** Pods that match all affinity terms, any anti-affinity term, and whose own anti-affinity this pod matches. */
  readonly affinityCounts: Counts;
  readonly antiAffinityCounts: Counts;
  readonly existingAntiAffinityCounts: Counts;
}

const plugin = 'InterPodAffinity';

/** What every pod with required terms of its own adds to the score of its topology, at upstream's default. */
const hardPodAffinityWeight = 1;

/** Honours affinity and anti-affinity between pods. */
export const interPodAffinity: Plugin = {
  name: plugin,
  weight: 2,
  preFilter(cycle) {
    const affinity = requiredTerms(cycle, 'podAffinity');
    const antiAffinity = requiredTerms(cycle, 'podAntiAffinity');
    const state: State = {
      affinity,
      antiAffinity,
      affinityCounts: new Map(),
      antiAffinityCounts: new Map(),
      existingAntiAffinityCounts: new Map(),
    };
    const nodes =
      affinity.length + antiAffinity.length > 0
        ? cycle.snapshot.nodes
        : cycle.snapshot.withRequiredAntiAffinity;
    for (const node of nodes) for (const other of node.pods.values()) tally(cycle, state, other, node, 1);
    cycle.state.set(plugin, state);
    return affinity.length + antiAffinity.length + state.existingAntiAffinityCounts.size === 0
      ? { skip: true }
      : {};
  },
  filter(cycle, node) {
    const state = cycle.state.get(plugin) as State;
    if (!satisfiesAffinity(cycle, state, node)) {
      return refuse(plugin, "node(s) didn't match pod affinity rules", false);
    }
    for (const term of state.antiAffinity) {
      const value = node.labels[term.topologyKey];
      if (value !== undefined && (state.antiAffinityCounts.get(`${term.topologyKey}=${value}`) ?? 0) > 0) {
        return refuse(plugin, "node(s) didn't match pod anti-affinity rules");
      }
    }
    for (const [pair, count] of state.existingAntiAffinityCounts) {
      const equals = pair.indexOf('=');
      if (count > 0 && node.labels[pair.slice(0, equals)] === pair.slice(equals + 1)) {
        return refuse(plugin, "node(s) didn't satisfy existing pods anti-affinity rules");
      }
    }
    return undefined;
  },
  addPod: (cycle, added, node) => tally(cycle, cycle.state.get(plugin) as State, added, node, 1),
  removePod: (cycle, removed, node) => tally(cycle, cycle.state.get(plugin) as State, removed, node, -1),
  preScore(cycle) {
    const scores: Counts = new Map();
    const own = preferredTerms(cycle, cycle.pod);
    const nodes = own.length > 0 ? cycle.snapshot.nodes : cycle.snapshot.withAffinity;
    for (const node of nodes) {
      const others = own.length > 0 ? node.pods.values() : node.podsWithAffinity.values();
      for (const other of others) addScores(cycle, scores, own, other, node);
    }
    cycle.state.set(`${plugin}Score`, scores);
    return scores.size > 0;
  },
  score(cycle, node) {
    let sum = 0;
    for (const [pair, weight] of cycle.state.get(`${plugin}Score`) as Counts) {
      const equals = pair.indexOf('=');
      if (node.labels[pair.slice(0, equals)] === pair.slice(equals + 1)) sum += weight;
    }
    return sum;
  },
  normalize(_cycle, _nodes, scores) {
    const least = Math.min(...scores);
    const range = Math.max(...scores) - least;
    for (let i = 0; i < scores.length; i++) {
      scores[i] = range === 0 ? 0 : Math.floor((maxNodeScore * ((scores[i] as number) - least)) / range);
    }
  },
  wakes: ['node-add', 'node-update', 'pod-add', 'pod-update', 'pod-delete'],
};

function satisfiesAffinity(cycle: Cycle, state: State, node: NodeInfo): boolean {
  if (state.affinity.length === 0) return true;
  let allMatched = true;
  for (const term of state.affinity) {
    const value = node.labels[term.topologyKey];
    if (value === undefined) return false;
    if ((state.affinityCounts.get(`${term.topologyKey}=${value}`) ?? 0) <= 0) allMatched = false;
  }
  if (allMatched) return true;
  // The first pod of a group that wants to be together may go anywhere that has the topology.
  return state.affinityCounts.size === 0 && state.affinity.every((term) => term.matches(cycle.pod));
}

/** Counts what one existing pod on one node means for the incoming one. */
function tally(cycle: Cycle, state: State, other: PodInfo, node: NodeInfo, by: number): void {
  if (other.hasRequiredAntiAffinity) {
    for (const term of termsOf(cycle, other.pod, 'podAntiAffinity')) {
      if (term.matches(cycle.pod)) bump(state.existingAntiAffinityCounts, term.topologyKey, node, by);
    }
  }
  if (state.affinity.length > 0 && state.affinity.every((term) => term.matches(other.pod))) {
    for (const term of state.affinity) bump(state.affinityCounts, term.topologyKey, node, by);
  }
  for (const term of state.antiAffinity) {
    if (term.matches(other.pod)) bump(state.antiAffinityCounts, term.topologyKey, node, by);
  }
}

function addScores(cycle: Cycle, scores: Counts, own: readonly Term[], other: PodInfo, node: NodeInfo): void {
  for (const term of own) if (term.matches(other.pod)) bump(scores, term.topologyKey, node, term.weight);
  if (!other.hasAffinity) return;
  for (const term of termsOf(cycle, other.pod, 'podAffinity')) {
    if (term.matches(cycle.pod)) bump(scores, term.topologyKey, node, hardPodAffinityWeight);
  }
  for (const term of preferredTerms(cycle, other.pod)) {
    if (term.matches(cycle.pod)) bump(scores, term.topologyKey, node, term.weight);
  }
}

function bump(counts: Counts, topologyKey: string, node: NodeInfo, by: number): void {
  const value = node.labels[topologyKey];
  if (value === undefined) return;
  const pair = `${topologyKey}=${value}`;
  const sum = (counts.get(pair) ?? 0) + by;
  if (sum === 0) counts.delete(pair);
  else counts.set(pair, sum);
}

function requiredTerms(cycle: Cycle, which: 'podAffinity' | 'podAntiAffinity'): readonly Term[] {
  return cycle.info.hasAffinity ? termsOf(cycle, cycle.pod, which) : [];
}

function termsOf(cycle: Cycle, pod: Pod, which: 'podAffinity' | 'podAntiAffinity'): readonly Term[] {
  const terms = pod['spec'].affinity?.[which]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.map((term: Record<string, any>) => compile(cycle, pod, term, 1));
}

/** Preferred terms with their weights; those of anti-affinity are negative. */
function preferredTerms(cycle: Cycle, pod: Pod): readonly Term[] {
  const affinity = pod['spec'].affinity;
  const of = (which: string, sign: number): Term[] =>
    (affinity?.[which]?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t: Record<string, any>) =>
      compile(cycle, pod, t['podAffinityTerm'], sign * t['weight']),
    );
  return affinity ? [...of('podAffinity', 1), ...of('podAntiAffinity', -1)] : [];
}

/** `owner` is the pod whose term it is: its namespace and labels fill what the term leaves open. */
function compile(cycle: Cycle, owner: Pod, term: Record<string, any>, weight: number): Term {
  const selector =
    term['labelSelector'] === undefined ? undefined : selectorFromLabelSelector(term['labelSelector']);
  const ofNamespace =
    term['namespaceSelector'] === undefined
      ? undefined
      : selectorFromLabelSelector(term['namespaceSelector']);
  const named = new Set<string>(term['namespaces'] ?? []);
  if (named.size === 0 && !ofNamespace) named.add(owner.metadata.namespace as string);
  const labels = owner.metadata.labels ?? {};
  const same: string[] = (term['matchLabelKeys'] ?? []).filter((key: string) => labels[key] !== undefined);
  const different: string[] = (term['mismatchLabelKeys'] ?? []).filter(
    (key: string) => labels[key] !== undefined,
  );
  return {
    topologyKey: term['topologyKey'],
    weight,
    matches(pod) {
      const namespace = pod.metadata.namespace as string;
      if (!named.has(namespace)) {
        if (!ofNamespace?.matches(cycle.cluster.namespaceLabels(namespace))) return false;
      }
      if (!selector?.matches(pod.metadata.labels)) return false;
      const theirs = pod.metadata.labels ?? {};
      return same.every((k) => theirs[k] === labels[k]) && different.every((k) => theirs[k] !== labels[k]);
    },
  };
}
