import { deepEqual, goQuote, type KubeObject, newNotFound } from '@coxswain/machinery';
import { visitConfigMapNames, visitSecretNames } from '../../authorization/node/object-refs.ts';
import type { AdmissionAttributes, ObjectReader } from '../../contract.ts';
import { refuse } from '../refuse.ts';

const pods = { group: '', resource: 'pods' } as const;
const mirrorAnnotation = 'kubernetes.io/config.mirror';

function boundPod(a: AdmissionAttributes, reader: ObjectReader, name: string): KubeObject {
  const pod = reader.get(pods, a.namespace, name);
  if (pod === undefined) throw newNotFound(pods, name);
  return pod;
}

/** A kubelet creates mirror pods of its own and deletes pods that are bound to it. */
export function restrictPod(node: string, a: AdmissionAttributes, reader: ObjectReader): void {
  const who = `node ${goQuote(node)}`;
  if (a.operation === 'CREATE' && a.object !== undefined) {
    restrictMirror(who, node, a, a.object, reader);
  } else if (a.operation === 'DELETE') {
    if (boundPod(a, reader, a.name)['spec']['nodeName'] !== node) {
      throw refuse(a, `${who} can only delete pods with spec.nodeName set to itself`);
    }
  } else {
    throw refuse(
      a,
      `unexpected operation ${goQuote(a.operation)}, ${who} can only create and delete mirror pods`,
    );
  }
}

function restrictMirror(
  who: string,
  node: string,
  a: AdmissionAttributes,
  pod: KubeObject,
  reader: ObjectReader,
): void {
  if (pod.metadata.annotations?.[mirrorAnnotation] === undefined) {
    throw refuse(a, `pod does not have "${mirrorAnnotation}" annotation, ${who} can only create mirror pods`);
  }
  if (pod['spec']['nodeName'] !== node) {
    throw refuse(a, `${who} can only create pods with spec.nodeName set to itself`);
  }
  restrictOwner(who, node, a, pod, reader);
  if (pod['spec']['serviceAccountName']) {
    throw refuse(a, `${who} can not create pods that reference a service account`);
  }
  visitSecretNames(pod, () => {
    throw refuse(a, `${who} can not create pods that reference secrets`);
  });
  visitConfigMapNames(pod, () => {
    throw refuse(a, `${who} can not create pods that reference configmaps`);
  });
  const volumes: Record<string, any>[] = pod['spec']['volumes'] ?? [];
  const trusts = volumes.some((v) =>
    v['projected']?.['sources']?.some((s: Record<string, any>) => s['clusterTrustBundle']),
  );
  if (trusts) throw refuse(a, `${who} can not create pods that reference clustertrustbundles`);
  if (volumes.some((v) => v['persistentVolumeClaim'])) {
    throw refuse(a, `${who} can not create pods that reference persistentvolumeclaims`);
  }
}

/** The one owner of a mirror pod is the Node, whose end ends the pod. */
function restrictOwner(
  who: string,
  node: string,
  a: AdmissionAttributes,
  pod: KubeObject,
  reader: ObjectReader,
): void {
  const owners = pod.metadata.ownerReferences ?? [];
  const [owner] = owners;
  if (owners.length > 1) {
    throw refuse(a, `${who} can only create pods with a single owner reference set to itself`);
  }
  if (owner === undefined || owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) {
    throw refuse(a, `${who} can only create pods with an owner reference set to itself`);
  }
  if (!owner.controller) {
    throw refuse(a, `${who} can only create pods with a controller owner reference set to itself`);
  }
  if (owner.blockOwnerDeletion) {
    throw refuse(a, `${who} must not set blockOwnerDeletion on an owner reference`);
  }
  const nodes = { group: '', resource: 'nodes' } as const;
  const found = reader.get(nodes, '', node);
  if (found === undefined) throw newNotFound(nodes, node);
  if (owner.uid !== found.metadata.uid) {
    throw refuse(a, `node ${node} UID mismatch: expected ${owner.uid} got ${found.metadata.uid}`);
  }
}

/** A kubelet writes the status of pods that are bound to it, and nothing beside. */
export function restrictPodStatus(node: string, a: AdmissionAttributes): void {
  const who = `node ${goQuote(node)}`;
  const { object, oldObject } = a;
  if (a.operation !== 'UPDATE' || object === undefined || oldObject === undefined) {
    throw refuse(a, `unexpected operation ${goQuote(a.operation)}`);
  }
  if (oldObject['spec']['nodeName'] !== node) {
    throw refuse(a, `${who} can only update pod status for pods with spec.nodeName set to itself`);
  }
  if (!deepEqual(oldObject.metadata.labels ?? {}, object.metadata.labels ?? {})) {
    throw refuse(a, `${who} cannot update labels through pod status`);
  }
  const claims = (pod: KubeObject): unknown => pod['status']?.['resourceClaimStatuses'] ?? [];
  if (!deepEqual(claims(oldObject), claims(object))) {
    throw refuse(a, `${who} cannot update resource claim statues`);
  }
  const extended = (pod: KubeObject): unknown => pod['status']?.['extendedResourceClaimStatus'] ?? null;
  if (!deepEqual(extended(oldObject), extended(object))) {
    throw refuse(a, `${who} cannot update extended resource claim statuses`);
  }
}

/** A kubelet evicts pods that are bound to it. */
export function restrictEviction(node: string, a: AdmissionAttributes, reader: ObjectReader): void {
  if (a.operation !== 'CREATE') throw refuse(a, `unexpected operation ${a.operation}`);
  const name = a.name || (a.object?.metadata.name ?? '');
  if (name === '') throw refuse(a, 'could not determine pod from request data');
  if (boundPod(a, reader, name)['spec']['nodeName'] !== node) {
    throw refuse(a, `node ${node} can only evict pods with spec.nodeName set to itself`);
  }
}
