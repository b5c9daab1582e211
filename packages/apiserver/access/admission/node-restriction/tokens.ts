import { goQuote, type KubeObject, newNotFound } from '@coxswain/machinery';
import type { AdmissionAttributes, Authorizer, ObjectReader } from '../../contract.ts';
import { refuse } from '../refuse.ts';

const pods = { group: '', resource: 'pods' } as const;

/** A kubelet asks for tokens of its own pods alone, and for audiences that these name. */
export function restrictTokenRequest(
  node: string,
  a: AdmissionAttributes,
  reader: ObjectReader,
  authorizer: Authorizer,
): void | Promise<void> {
  if (a.operation !== 'CREATE' || a.subresource !== 'token') return;
  const spec = a.object?.['spec'] ?? {};
  const ref = spec['boundObjectRef'];
  if (ref?.['apiVersion'] !== 'v1' || ref['kind'] !== 'Pod' || !ref['name']) {
    throw refuse(a, 'node requested token not bound to a pod');
  }
  if (!ref['uid']) throw refuse(a, 'node requested token with a pod binding without a uid');
  const pod = reader.get(pods, a.namespace, ref['name']);
  if (pod === undefined) throw newNotFound(pods, ref['name']);
  if (ref['uid'] !== pod.metadata.uid) {
    throw refuse(
      a,
      `the UID in the bound object reference (${ref['uid']}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  if (pod['spec']['nodeName'] !== node) {
    throw refuse(a, 'node requested token bound to a pod scheduled on a different node');
  }
  const audiences: readonly string[] = spec['audiences'] ?? [];
  if (audiences.length > 1) throw refuse(a, 'node may only request 0 or 1 audiences');
  const audience = audiences[0] ?? '';
  if (!podNames(pod, audience, a.namespace, reader)) return requireAudience(a, authorizer, audience);
}

/** Whether a volume of the pod asks for the audience, be it by projection or by its CSI driver. */
function podNames(pod: KubeObject, audience: string, namespace: string, reader: ObjectReader): boolean {
  for (const volume of pod['spec']['volumes'] ?? []) {
    for (const source of volume['projected']?.['sources'] ?? []) {
      const token = source['serviceAccountToken'];
      if (token && (token['audience'] ?? '') === audience) return true;
    }
    const driver = volume['csi']?.['driver'] ?? driverOfClaim(volume, pod, namespace, reader);
    if (driver && driverRequests(driver, audience, reader)) return true;
  }
  return false;
}

function driverOfClaim(
  volume: Record<string, any>,
  pod: KubeObject,
  namespace: string,
  reader: ObjectReader,
): string | undefined {
  const name: string | undefined = volume['ephemeral']
    ? `${pod.metadata.name}-${volume['name']}`
    : volume['persistentVolumeClaim']?.['claimName'];
  if (name === undefined) return undefined;
  const claim = reader.get({ group: '', resource: 'persistentvolumeclaims' }, namespace, name);
  const bound: string = claim?.['spec']?.['volumeName'] ?? '';
  const found = reader.get({ group: '', resource: 'persistentvolumes' }, '', bound);
  return found?.['spec']?.['csi']?.['driver'];
}

function driverRequests(driver: string, audience: string, reader: ObjectReader): boolean {
  const found = reader.get({ group: 'storage.k8s.io', resource: 'csidrivers' }, '', driver);
  const requests: { audience?: string }[] = found?.['spec']?.['tokenRequests'] ?? [];
  return requests.some((request) => (request.audience ?? '') === audience);
}

async function requireAudience(
  a: AdmissionAttributes,
  authorizer: Authorizer,
  audience: string,
): Promise<void> {
  const { decision } = await authorizer.authorize({
    user: a.user,
    verb: 'request-serviceaccounts-token-audience',
    resourceRequest: true,
    path: '',
    group: '',
    version: 'v1',
    resource: audience,
    subresource: '',
    namespace: a.namespace,
    name: a.name,
  });
  if (decision === 'allow') return;
  throw refuse(
    a,
    `audience ${goQuote(audience)} not found in pod spec volume, ${a.user.name} is not authorized to request tokens for this audience`,
  );
}
