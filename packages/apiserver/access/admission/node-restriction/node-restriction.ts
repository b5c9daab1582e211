import { goQuote } from '@coxswain/machinery';
import type {
  AdmissionAttributes,
  AdmissionOperation,
  AdmissionPlugin,
  Authorizer,
  ObjectReader,
} from '../../contract.ts';
import { nodeOf } from '../../users.ts';
import { refuse } from '../refuse.ts';
import { restrictNode } from './nodes.ts';
import {
  restrictCertificateRequest,
  restrictClaimStatus,
  restrictOwnName,
  restrictResourceSlice,
} from './own-objects.ts';
import { restrictEviction, restrictPod, restrictPodStatus } from './pods.ts';
import { restrictTokenRequest } from './tokens.ts';

/** Holds kubelets to their own node, the pods bound to it, and what is theirs by name. */
export class NodeRestriction implements AdmissionPlugin {
  readonly name = 'NodeRestriction';
  readonly #reader: ObjectReader;
  readonly #authorizer: Authorizer;

  constructor(reader: ObjectReader, authorizer: Authorizer) {
    this.#reader = reader;
    this.#authorizer = authorizer;
  }

  handles(operation: AdmissionOperation): boolean {
    return operation !== 'CONNECT';
  }

  admit(a: AdmissionAttributes): void | Promise<void> {
    const node = nodeOf(a.user);
    if (node === undefined) return;
    if (node === '') throw refuse(a, `could not determine node from user ${goQuote(a.user.name)}`);
    switch (a.resource.group === '' ? a.resource.resource : `${a.resource.resource}.${a.resource.group}`) {
      case 'pods':
        return this.#pods(node, a);
      case 'nodes':
        return restrictNode(node, a);
      case 'persistentvolumeclaims':
        if (a.subresource === 'status') return restrictClaimStatus(node, a);
        throw refuse(a, 'may only update PVC status');
      case 'serviceaccounts':
        return restrictTokenRequest(node, a, this.#reader, this.#authorizer);
      case 'leases.coordination.k8s.io':
        if (a.namespace !== 'kube-node-lease') {
          throw refuse(a, 'can only access leases in the "kube-node-lease" system namespace');
        }
        return restrictOwnName(node, a, 'node lease');
      case 'csinodes.storage.k8s.io':
        return restrictOwnName(node, a, 'CSINode');
      case 'resourceslices.resource.k8s.io':
        return restrictResourceSlice(node, a);
      case 'certificatesigningrequests.certificates.k8s.io':
        return restrictCertificateRequest(node, a);
    }
  }

  #pods(node: string, a: AdmissionAttributes): void {
    if (a.subresource === '') restrictPod(node, a, this.#reader);
    else if (a.subresource === 'status') restrictPodStatus(node, a);
    else if (a.subresource === 'eviction') restrictEviction(node, a, this.#reader);
    else {
      const got = goQuote(a.subresource);
      throw refuse(a, `unexpected pod subresource ${got}, only 'status' and 'eviction' are allowed`);
    }
  }
}
