import { firstUntolerated, type Taint, type Toleration, tolerates } from '@coxswain/api';
import { normalizeToMax, type Plugin, refuse } from '../framework.ts';

/** Honours NoSchedule and NoExecute taints; prefers nodes with fewer PreferNoSchedule taints in the way. */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  weight: 3,
  filter(cycle, node) {
    const taints: readonly Taint[] = node.node['spec']?.taints ?? [];
    if (taints.length === 0) return undefined;
    const taint = firstUntolerated(taints, cycle.pod['spec'].tolerations ?? [], ['NoSchedule', 'NoExecute']);
    if (!taint) return undefined;
    return refuse(
      'TaintToleration',
      `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`,
      false,
    );
  },
  score(cycle, node) {
    const taints: readonly Taint[] = node.node['spec']?.taints ?? [];
    const tolerations: readonly Toleration[] = (cycle.pod['spec'].tolerations ?? []).filter(
      (t: Toleration) => !t.effect || t.effect === 'PreferNoSchedule',
    );
    return taints.filter(
      (taint) => taint.effect === 'PreferNoSchedule' && !tolerations.some((t) => tolerates(t, taint)),
    ).length;
  },
  normalize: (_cycle, _nodes, scores) => normalizeToMax(scores, true),
  wakes: ['node-add', 'node-update', 'pod-itself'],
};
