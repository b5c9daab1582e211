import { maxNodeScore, type Plugin } from '../framework.ts';

/** Prefers nodes on which CPU and memory would be used to the same degree. */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  // Pods without requests cannot change the balance.
  preScore: (cycle) =>
    (cycle.info.requests.get('cpu') ?? 0) > 0 || (cycle.info.requests.get('memory') ?? 0) > 0,
  score(cycle, node) {
    const fractions: number[] = [];
    for (const name of ['cpu', 'memory']) {
      const capacity = node.allocatable.get(name) ?? 0;
      if (capacity === 0) continue;
      const used = (node.requested.get(name) ?? 0) + (cycle.info.requests.get(name) ?? 0);
      fractions.push(Math.min(1, used / capacity));
    }
    // With two fractions the standard deviation is half their distance.
    const deviation =
      fractions.length === 2 ? Math.abs((fractions[0] as number) - (fractions[1] as number)) / 2 : 0;
    return Math.floor((1 - deviation) * maxNodeScore);
  },
};
