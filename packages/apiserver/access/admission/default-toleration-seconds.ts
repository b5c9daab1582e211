import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from '../contract.ts';
import { isFor } from './refuse.ts';

/** How long a pod stays on a node that is not ready or cannot be reached. */
const defaultSeconds = 300;
const taints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Lets pods that do not say otherwise stay on a lost node for five minutes. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  handles: (operation: AdmissionOperation) => operation === 'CREATE' || operation === 'UPDATE',
  admit(a: AdmissionAttributes): void {
    if (!isFor(a, '', 'pods') || a.object === undefined) return;
    const { spec } = a.object as Record<string, any>;
    const tolerations: Record<string, any>[] = spec['tolerations'] ?? [];
    const missing = taints.filter(
      (key) =>
        !tolerations.some(
          (t) => (!t['key'] || t['key'] === key) && (!t['effect'] || t['effect'] === 'NoExecute'),
        ),
    );
    if (missing.length === 0) return;
    spec['tolerations'] = [
      ...tolerations,
      ...missing.map((key) => ({
        key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: defaultSeconds,
      })),
    ];
  },
};
