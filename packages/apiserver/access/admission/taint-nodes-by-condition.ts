import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from '../contract.ts';
import { isFor } from './refuse.ts';

const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };

/** Keeps pods off new nodes until these say that they are ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  handles: (operation: AdmissionOperation) => operation === 'CREATE',
  admit(a: AdmissionAttributes): void {
    if (!isFor(a, '', 'nodes') || a.object === undefined) return;
    const node = a.object as Record<string, any>;
    node['spec'] ??= {};
    const taints: Record<string, any>[] = node['spec']['taints'] ?? [];
    if (taints.some((t) => t['key'] === notReady.key && t['effect'] === notReady.effect)) return;
    node['spec']['taints'] = [...taints, { ...notReady }];
  },
};
