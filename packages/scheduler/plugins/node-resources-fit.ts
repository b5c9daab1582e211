import { maxNodeScore, type Plugin, refuse } from '../framework.ts';
import type { NodeInfo, PodInfo } from '../node-info.ts';

/** Resources the score looks at, each with weight 1: the LeastAllocated strategy's default. */
const scored = ['cpu', 'memory'] as const;

/** The reasons why the node lacks room; empty when it has it. */
function insufficient(info: PodInfo, node: NodeInfo): string[] {
  const reasons: string[] = [];
  if (node.pods.size + 1 > (node.allocatable.get('pods') ?? 0)) reasons.push('Too many pods');
  for (const [name, wanted] of info.requests) {
    if (wanted === 0) continue;
    if (wanted > (node.allocatable.get(name) ?? 0) - (node.requested.get(name) ?? 0)) {
      reasons.push(`Insufficient ${name}`);
    }
  }
  return reasons;
}

/** Keeps pods to nodes with room for their requests; prefers the emptier ones (LeastAllocated). */
export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  filter(cycle, node) {
    const reasons = insufficient(cycle.info, node);
    if (reasons.length === 0) return undefined;
    // Where the request exceeds the whole node, no preemption can help.
    const hopeless = [...cycle.info.requests].some(
      ([name, wanted]) => wanted > (node.allocatable.get(name) ?? 0),
    );
    return refuse('NodeResourcesFit', reasons, !hopeless);
  },
  score(cycle, node) {
    let sum = 0;
    for (const name of scored) {
      const capacity = node.allocatable.get(name) ?? 0;
      const used = (node.scoringRequested.get(name) ?? 0) + (cycle.info.scoringRequests.get(name) ?? 0);
      if (capacity > 0 && used <= capacity) sum += Math.floor(((capacity - used) * maxNodeScore) / capacity);
    }
    return Math.floor(sum / scored.length);
  },
  wakes: ['node-add', 'node-update', 'pod-delete', 'pod-update', 'pod-itself'],
};
