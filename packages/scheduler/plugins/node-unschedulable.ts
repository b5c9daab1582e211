import { type Taint, tolerates } from '@coxswain/api';
import { type Plugin, refuse } from '../framework.ts';

const cordon: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Keeps pods off cordoned nodes, unless they tolerate the cordon. */
export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  filter(cycle, node) {
    if (!node.node['spec']?.unschedulable) return undefined;
    const tolerations = cycle.pod['spec'].tolerations ?? [];
    if (tolerations.some((t: Parameters<typeof tolerates>[0]) => tolerates(t, cordon))) return undefined;
    return refuse('NodeUnschedulable', 'node(s) were unschedulable', false);
  },
  wakes: ['node-add', 'node-update'],
};
