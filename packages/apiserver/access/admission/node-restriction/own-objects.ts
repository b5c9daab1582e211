import { deepEqual, goQuote, type KubeObject } from '@coxswain/machinery';
import type { AdmissionAttributes } from '../../contract.ts';
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
      `node ${goQuote(node)} is not allowed to update fields other than status.capacity and status.conditions`,
    );
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
