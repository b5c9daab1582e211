import { deepEqual, goQuote, type KubeObject } from '@coxswain/machinery';
import type { AdmissionAttributes, AdmissionOperation, AdmissionPlugin, Authorizer } from '../contract.ts';
import { groups } from '../users.ts';
import { parseCsr } from './parse-csr.ts';
import { isFor, refuse } from './refuse.ts';

const group = 'certificates.k8s.io';
const requests = 'certificatesigningrequests';

/** Whether a user may do something in a signer's name: by its full name, or by `domain/*`. */
async function maySign(
  a: AdmissionAttributes,
  authorizer: Authorizer,
  verb: string,
  signer: string,
): Promise<boolean> {
  const domain = signer.split('/', 1)[0] ?? '';
  for (const name of [signer, `${domain}/*`]) {
    const { decision } = await authorizer.authorize({
      user: a.user,
      verb,
      resourceRequest: true,
      path: '',
      group,
      version: '*',
      resource: 'signers',
      subresource: '',
      namespace: '',
      name,
    });
    if (decision === 'allow') return true;
  }
  return false;
}

/** Lets only those approve requests who may `approve` for the signer. */
export function certificateApproval(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    handles: (operation: AdmissionOperation) => operation === 'UPDATE',
    async validate(a: AdmissionAttributes): Promise<void> {
      if (!isFor(a, group, requests, 'approval')) return;
      const signer: string = a.oldObject?.['spec']?.['signerName'] ?? '';
      if (await maySign(a, authorizer, 'approve', signer)) return;
      throw refuse(a, `user not permitted to approve requests with signerName ${goQuote(signer)}`);
    },
  };
}

/** Lets only those write certificates who may `sign` for the signer. */
export function certificateSigning(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    handles: (operation: AdmissionOperation) => operation === 'UPDATE',
    async validate(a: AdmissionAttributes): Promise<void> {
      if (!isFor(a, group, requests, 'status') || !signingChanged(a.oldObject, a.object)) return;
      const signer: string = a.oldObject?.['spec']?.['signerName'] ?? '';
      if (await maySign(a, authorizer, 'sign', signer)) return;
      throw refuse(a, `user not permitted to sign requests with signerName ${goQuote(signer)}`);
    },
  };
}

function signingChanged(before: KubeObject | undefined, after: KubeObject | undefined): boolean {
  const parts = (csr: KubeObject | undefined): unknown => [
    csr?.['status']?.['certificate'] ?? '',
    csr?.['status']?.['conditions'] ?? [],
  ];
  return !deepEqual(parts(before), parts(after));
}

/** Lets only those vouch for trust anchors who may `attest` for the signer. */
export function clusterTrustBundleAttest(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'ClusterTrustBundleAttest',
    handles: (operation: AdmissionOperation) => operation === 'CREATE' || operation === 'UPDATE',
    async validate(a: AdmissionAttributes): Promise<void> {
      if (!isFor(a, group, 'clustertrustbundles') || a.object === undefined) return;
      const signer: string = a.object['spec']?.['signerName'] ?? '';
      if (a.oldObject !== undefined && deepEqual(a.oldObject['spec'], a.object['spec'])) return;
      if (signer === '' || (await maySign(a, authorizer, 'attest', signer))) return;
      throw refuse(a, `user not permitted to attest for signerName ${goQuote(signer)}`);
    },
  };
}

const apiServerClient = 'kubernetes.io/kube-apiserver-client';

/** Keeps requests for API clients from asking for the group that may do everything. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  handles: (operation: AdmissionOperation) => operation === 'CREATE',
  validate(a: AdmissionAttributes): void {
    const spec = a.object?.['spec'];
    if (!isFor(a, group, requests) || spec?.['signerName'] !== apiServerClient) return;
    if (organizationsOf(a, spec['request'] ?? '').includes(groups.masters)) {
      throw refuse(a, `use of ${apiServerClient} signer with ${groups.masters} group is not allowed`);
    }
  },
};

function organizationsOf(a: AdmissionAttributes, request: string): readonly string[] {
  try {
    return parseCsr(request).subject.organizations ?? [];
  } catch (error) {
    throw refuse(a, `failed to parse CSR: ${(error as Error).message}`);
  }
}
