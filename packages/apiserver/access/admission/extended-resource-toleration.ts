import { deepEqual } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from '../contract.ts';
import { isFor } from './refuse.ts';

/** Lets pods onto nodes that are tainted for the extended resources that they ask for. */
export const extendedResourceToleration: AdmissionPlugin = {
  name: 'ExtendedResourceToleration',
  handles: (operation: AdmissionOperation) => operation === 'CREATE' || operation === 'UPDATE',
  admit(a: AdmissionAttributes): void {
    if (!isFor(a, '', 'pods') || a.object === undefined) return;
    const { spec } = a.object as Record<string, any>;
    const asked = new Set<string>();
    for (const container of [...(spec['containers'] ?? []), ...(spec['initContainers'] ?? [])]) {
      for (const name of Object.keys(container['resources']?.['requests'] ?? {})) {
        if (isExtended(name)) asked.add(name);
      }
    }
    const present: object[] = spec['tolerations'] ?? [];
    const more = [...asked]
      .sort()
      .map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' }))
      .filter((toleration) => !present.some((own) => deepEqual(own, toleration)));
    if (more.length > 0) spec['tolerations'] = [...present, ...more];
  },
};

/** With a domain that is not Kubernetes' own. */
function isExtended(name: string): boolean {
  const slash = name.indexOf('/');
  const domain = name.slice(0, Math.max(0, slash));
  return domain !== '' && domain !== 'kubernetes.io' && !domain.endsWith('.kubernetes.io');
}
