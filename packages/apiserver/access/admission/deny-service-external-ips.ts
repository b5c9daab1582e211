import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from '../contract.ts';
import { isFor, refuse } from './refuse.ts';

/** Keeps services from claiming addresses of others; those that they have may stay. */
export const denyServiceExternalIPs: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  handles: (operation: AdmissionOperation) => operation === 'CREATE' || operation === 'UPDATE',
  validate(a: AdmissionAttributes): void {
    if (!isFor(a, '', 'services')) return;
    const before: string[] = a.oldObject?.['spec']?.['externalIPs'] ?? [];
    const after: string[] = a.object?.['spec']?.['externalIPs'] ?? [];
    if (after.some((ip) => !before.includes(ip))) {
      throw refuse(a, 'Use of external IPs is denied by admission control.');
    }
  },
};
