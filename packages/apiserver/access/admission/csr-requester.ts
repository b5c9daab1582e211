import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin } from '../contract.ts';
import { isFor } from './refuse.ts';

/**
 * Writes into a CertificateSigningRequest who asks, whatever the body says. Upstream does this in the
 * resource's strategy; here it stands where the user is at hand.
 */
export const csrRequester: AdmissionPlugin = {
  name: 'CertificateSigningRequestRequester',
  handles: (operation: AdmissionOperation) => operation === 'CREATE',
  admit(a: AdmissionAttributes): void {
    if (!isFor(a, 'certificates.k8s.io', 'certificatesigningrequests') || a.object === undefined) return;
    const { name, uid, groups, extra } = a.user;
    const { username: _u, uid: _i, groups: _g, extra: _e, ...spec } = a.object['spec'] ?? {};
    a.object['spec'] = {
      ...spec,
      username: name,
      ...(uid === undefined ? {} : { uid }),
      ...(groups.length === 0 ? {} : { groups: [...groups] }),
      ...(extra === undefined ? {} : { extra: { ...extra } }),
    };
  },
};
