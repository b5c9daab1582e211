import { humanDuration, type KubeObject } from '@coxswain/machinery';
import { age, nameOf, orNone } from './format.ts';
import { ageColumn, column, field, nameColumn, type TableSketch } from './table.ts';

const requestSpec = 'certificates.v1.CertificateSigningRequestSpec';

/** The wire still carries the description that the field had in its first version. */
const signerText = [
  'Requested signer for the request. It is a qualified name in the form: `scope-hostname.io/name`. If empty, it will be defaulted:',
  " 1. If it's a kubelet client certificate, it is assigned",
  '    "kubernetes.io/kube-apiserver-client-kubelet".',
  " 2. If it's a kubelet serving certificate, it is assigned",
  '    "kubernetes.io/kubelet-serving".',
  ' 3. Otherwise, it is assigned "kubernetes.io/legacy-unknown".',
  'Distribution of trust for signers happens out of band. You can select on this field using `spec.signerName`.',
].join('\n');

function state(request: KubeObject): string {
  const conditions = (request['status']?.conditions ?? []) as { type: string }[];
  const has = (type: string): boolean => conditions.some((c) => c.type === type);
  const parts = [has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'];
  if (has('Failed')) parts.push('Failed');
  if (request['status']?.certificate) parts.push('Issued');
  return parts.join(',');
}

export const certificateSigningRequests: TableSketch = {
  columns: [
    nameColumn,
    ageColumn,
    column('SignerName', signerText),
    column('Requestor', 'Base64-encoded PKCS#10 CSR data'),
    column('RequestedDuration', field(requestSpec, 'expirationSeconds')),
    column('Condition', 'Conditions applied to the request, such as approval or denial.'),
  ],
  cells(object, now) {
    const { signerName, username = '', expirationSeconds } = object['spec'] ?? {};
    return [
      nameOf(object),
      age(object, now),
      orNone(signerName),
      username,
      expirationSeconds ? humanDuration(expirationSeconds * 1000) : '<none>',
      state(object),
    ];
  },
};

export const clusterTrustBundles: TableSketch = {
  columns: [
    nameColumn,
    column('SignerName', field('certificates.v1beta1.ClusterTrustBundleSpec', 'signerName')),
  ],
  cells: (object) => [nameOf(object), orNone(object['spec']?.signerName)],
};

const podRequest = 'certificates.v1beta1.PodCertificateRequestSpec';

function outcome(request: KubeObject): string {
  const conditions = (request['status']?.conditions ?? []) as { type: string; status: string }[];
  const reached = conditions.find(
    ({ type, status }) => status === 'True' && (type === 'Issued' || type === 'Denied' || type === 'Failed'),
  );
  return reached?.type ?? 'Pending';
}

export const podCertificateRequests: TableSketch = {
  columns: [
    nameColumn,
    column('PodName', field(podRequest, 'podName')),
    column('ServiceAccountName', field(podRequest, 'serviceAccountName')),
    column('NodeName', field(podRequest, 'nodeName')),
    column('SignerName', field(podRequest, 'signerName')),
    column('State', 'Is the request Pending, Issued, Denied, or Failed?'),
  ],
  cells(object) {
    const { podName = '', serviceAccountName = '', nodeName = '', signerName = '' } = object['spec'] ?? {};
    return [nameOf(object), podName, serviceAccountName, nodeName, signerName, outcome(object)];
  },
};
