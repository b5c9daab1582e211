import type { KubeObject } from '@coxswain/machinery';
import { type CertificateSigningRequestFacts, decodePem, readCertificateRequest } from '@coxswain/pki';

export const signers = {
  apiserverClient: 'kubernetes.io/kube-apiserver-client',
  kubeletClient: 'kubernetes.io/kube-apiserver-client-kubelet',
  kubeletServing: 'kubernetes.io/kubelet-serving',
  legacyUnknown: 'kubernetes.io/legacy-unknown',
} as const;

/** The PKCS #10 request in a CertificateSigningRequest's `spec.request`. Throws `Error` when there is none. */
export function parseRequest(csr: KubeObject): CertificateSigningRequestFacts {
  const pem = Buffer.from(csr['spec'].request ?? '', 'base64').toString('utf8');
  const block = decodePem(pem)[0];
  if (block === undefined || !/^(NEW )?CERTIFICATE REQUEST$/.test(block.type)) {
    throw new Error('PEM block type must be CERTIFICATE REQUEST');
  }
  return readCertificateRequest(block.der);
}

/** Whether the condition of this type is on the object and, where it says so, true. */
export function hasCondition(csr: KubeObject, type: 'Approved' | 'Denied' | 'Failed'): boolean {
  return conditionsOf(csr).some((c) => c['type'] === type && (c['status'] ?? 'True') === 'True');
}

export function conditionsOf(csr: KubeObject): readonly Record<string, any>[] {
  return csr['status']?.conditions ?? [];
}

const kubeletClientUsages = ['client auth', 'digital signature', 'key encipherment'];
const kubeletServingUsages = ['digital signature', 'key encipherment', 'server auth'];

/** The usages wanted; keys that cannot encipher, such as elliptic curve keys, do without that one. */
function usagesMatch(usages: readonly string[], wanted: readonly string[]): boolean {
  const given = [...new Set(usages)].sort().join();
  return given === wanted.join() || given === wanted.filter((usage) => usage !== 'key encipherment').join();
}

function isOfNodes({ subject }: CertificateSigningRequestFacts): boolean {
  return subject.organizations?.length === 1 && subject.organizations[0] === 'system:nodes';
}

/** What is wrong with a kubelet's client request; undefined when nothing is. Source: ValidateKubeletClientCSR. */
export function kubeletClientFault(
  request: CertificateSigningRequestFacts,
  usages: readonly string[],
): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!request.subject.commonName.startsWith('system:node:'))
    return 'subject common name does not begin with system:node:';
  return usagesMatch(usages, kubeletClientUsages)
    ? undefined
    : `usages did not match [${kubeletClientUsages.join(' ')}]`;
}

/** The same for a kubelet's serving certificate. Source: ValidateKubeletServingCSR. */
function kubeletServingFault(
  request: CertificateSigningRequestFacts,
  usages: readonly string[],
): string | undefined {
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (request.dnsNames.length === 0 && request.ipAddresses.length === 0)
    return 'DNS or IP subjectAltName is required';
  if (request.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!usagesMatch(usages, kubeletServingUsages))
    return `usages did not match [${kubeletServingUsages.join(' ')}]`;
  return request.subject.commonName.startsWith('system:node:')
    ? undefined
    : 'subject common name does not begin with system:node:';
}

function apiserverClientFault(usages: readonly string[]): string | undefined {
  const bad = usages.find((u) => !['digital signature', 'key encipherment', 'client auth'].includes(u));
  if (bad !== undefined) return `invalid usage for client certificate: ${bad}`;
  return usages.includes('client auth')
    ? undefined
    : 'missing required usage for client certificate: client auth';
}

/** Why the signer refuses the request; undefined when it signs. */
export function signerFault(
  signer: string,
  request: CertificateSigningRequestFacts,
  usages: readonly string[],
): string | undefined {
  switch (signer) {
    case signers.kubeletClient:
      return kubeletClientFault(request, usages);
    case signers.kubeletServing:
      return kubeletServingFault(request, usages);
    case signers.apiserverClient:
      return apiserverClientFault(usages);
    default:
      // Nothing is promised about what legacy-unknown signs, and nothing is asked.
      return undefined;
  }
}
