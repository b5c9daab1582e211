import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from '../contract.ts';
import { isFor, refuse } from './refuse.ts';

const onlyKey = 'kubernetes.io/hostname';

/** Keeps pods from demanding a whole zone or region for themselves. */
export const limitPodHardAntiAffinityTopology: AdmissionPlugin = {
  name: 'LimitPodHardAntiAffinityTopology',
  handles: (operation: AdmissionOperation) => operation === 'CREATE' || operation === 'UPDATE',
  validate(a: AdmissionAttributes): void {
    if (!isFor(a, '', 'pods')) return;
    const antiAffinity = a.object?.['spec']?.['affinity']?.['podAntiAffinity'];
    for (const term of antiAffinity?.['requiredDuringSchedulingIgnoredDuringExecution'] ?? []) {
      if (term['topologyKey'] === onlyKey) continue;
      throw refuse(
        a,
        `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${term['topologyKey']} but only key ${onlyKey} is allowed`,
      );
    }
  },
};
