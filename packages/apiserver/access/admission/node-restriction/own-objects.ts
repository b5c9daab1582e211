import { deepEqual, goQuote, type KubeObject } from '@coxswain/machinery';
import type { AdmissionAttributes } from '../../contract.ts';
import { parseCsr } from '../parse-csr.ts';
import { refuse } from '../refuse.ts';

/** A kubelet writes the lease and the CSINode that bear its name. */
export function restrictOwnName(node: string, a: AdmissionAttributes, what: string): void {
  const name = a.operation === 'CREATE' ? a.object?.metadata.name : a.name;
  if (name !== node) throw refuse(a, `can only access ${what} with the same name as the requesting node`);
}

/** What a kubelet may write into a claim's status. */
const claimStatusFields = ['capacity', 'conditions', 'allocatedResourceStatuses', 'allocatedResources'];

function withoutClaimStatus(claim: KubeObject): unknown {
  const { resourceVersion: _r, managedFields: _m, ...metadata } = claim.metadata;
  const status = { ...claim['status'] };
  for (const field of claimStatusFields) delete status[field];
  return { ...claim, metadata, status };
}

/** A kubelet that has grown a volume says so in the claim's status, and nothing beside. */
export function restrictClaimStatus(node: string, a: AdmissionAttributes): void {
  if (a.operation !== 'UPDATE' || a.object === undefined || a.oldObject === undefined) {
    throw refuse(a, `unexpected operation ${goQuote(a.operation)}`);
  }
  if (!deepEqual(withoutClaimStatus(a.oldObject), withoutClaimStatus(a.object))) {
    throw refuse(
      a,
      `node ${goQuote(node)} is not allowed to update fields other than status.quantity and status.conditions`,
    );
  }
}

/** Signers whose certificates let their owner act as a node. */
const nodeSigners = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet'];

/** A kubelet asks for certificates in its own name alone. */
export function restrictCertificateRequest(node: string, a: AdmissionAttributes): void {
  const spec = a.object?.['spec'];
  if (a.operation !== 'CREATE' || !nodeSigners.includes(spec?.['signerName'])) return;
  const wanted = `system:node:${node}`;
  if (commonName(a, spec['request'] ?? '') !== wanted) {
    throw refuse(a, `can only create a node CSR with CN=${wanted}`);
  }
}

function commonName(a: AdmissionAttributes, request: string): string {
  try {
    return parseCsr(request).subject.commonName ?? '';
  } catch (error) {
    throw refuse(a, `unable to parse csr: ${(error as Error).message}`);
  }
}

/** A kubelet publishes the devices of its own node. */
export function restrictResourceSlice(node: string, a: AdmissionAttributes): void {
  if (a.operation === 'CREATE' && a.object?.['spec']?.['nodeName'] !== node) {
    throw refuse(a, 'can only create ResourceSlice with the same NodeName as the requesting node');
  }
  if (a.operation === 'UPDATE' && a.object?.['spec']?.['nodeName'] !== node) {
    throw refuse(a, 'can only update ResourceSlice with the same NodeName as the requesting node');
  }
  if (a.operation === 'DELETE' && a.oldObject !== undefined && a.oldObject['spec']?.['nodeName'] !== node) {
    throw refuse(a, 'can only delete ResourceSlice with the same NodeName as the requesting node');
  }
}
