import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from '../contract.ts';
import { isFor } from './refuse.ts';

/** How long pods that do not say otherwise stay on a lost node, in seconds. */
export interface TolerationSeconds {
  /** `--default-not-ready-toleration-seconds`. */
  readonly notReady: number;
  /** `--default-unreachable-toleration-seconds`. */
  readonly unreachable: number;
}

const fiveMinutes: TolerationSeconds = { notReady: 300, unreachable: 300 };

/** Lets pods that do not say otherwise stay on a lost node for five minutes. */
export function defaultTolerationSeconds(seconds: TolerationSeconds = fiveMinutes): AdmissionPlugin {
  const taints = [
    ['node.kubernetes.io/not-ready', seconds.notReady],
    ['node.kubernetes.io/unreachable', seconds.unreachable],
  ] as const;
  return {
    name: 'DefaultTolerationSeconds',
    handles: (operation: AdmissionOperation) => operation === 'CREATE' || operation === 'UPDATE',
    admit(a: AdmissionAttributes): void {
      if (!isFor(a, '', 'pods') || a.object === undefined) return;
      const { spec } = a.object as Record<string, any>;
      const tolerations: Record<string, any>[] = spec['tolerations'] ?? [];
      const missing = taints.filter(([taint]) => !tolerations.some((t) => tolerates(t, taint)));
      if (missing.length === 0) return;
      const added = missing.map(([key, tolerationSeconds]) => {
        return { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds };
      });
      spec['tolerations'] = [...tolerations, ...added];
    },
  };
}

function tolerates(toleration: Record<string, any>, taint: string): boolean {
  const { key, effect } = toleration;
  return (!key || key === taint) && (!effect || effect === 'NoExecute');
}
