import { matchesNodeTerm, matchesPodNodeAffinity } from '@coxswain/api';
import { normalizeToMax, type Plugin, refuse } from '../framework.ts';

/** Honours nodeSelector and node affinity. */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  weight: 2,
  preFilter(cycle) {
    const spec = cycle.pod['spec'];
    const needed = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (!needed && !spec.nodeSelector) return { skip: true };
    const names = namedNodes(needed?.nodeSelectorTerms);
    return names === undefined ? {} : { nodes: names };
  },
  filter(cycle, node) {
    if (matchesPodNodeAffinity(cycle.pod, node.node)) return undefined;
    return refuse('NodeAffinity', "node(s) didn't match Pod's node affinity/selector", false);
  },
  preScore: (cycle) =>
    (cycle.pod['spec'].affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.length ?? 0) >
    0,
  score(cycle, node) {
    let sum = 0;
    for (const term of cycle.pod['spec'].affinity.nodeAffinity
      .preferredDuringSchedulingIgnoredDuringExecution) {
      const { matchExpressions = [], matchFields = [] } = term.preference;
      // Unlike a required term, an empty preference holds everywhere.
      const empty = matchExpressions.length + matchFields.length === 0;
      if (empty || matchesNodeTerm(term.preference, node.node)) sum += term.weight;
    }
    return sum;
  },
  normalize: (_cycle, _nodes, scores) => normalizeToMax(scores, false),
  wakes: ['node-add', 'node-update'],
};

/** The nodes that the terms name by metadata.name (as DaemonSet pods do); undefined when a term does not. */
function namedNodes(terms: readonly Record<string, any>[] | undefined): ReadonlySet<string> | undefined {
  if (!terms) return undefined;
  const names = new Set<string>();
  for (const term of terms) {
    const field = term['matchFields']?.find(
      (f: Record<string, unknown>) => f['key'] === 'metadata.name' && f['operator'] === 'In',
    );
    if (!field) return undefined;
    for (const name of field.values) names.add(name);
  }
  return names;
}
