import type { corev1 } from '@coxswain/api';
import type { Client } from '@coxswain/client';
import { goQuote } from '@coxswain/machinery';
import type { Pod } from '../types.ts';
import { checkHostPath } from './host-path.ts';

/** Reads of claims and volumes; each rejects with a NotFound `StatusError`. */
export interface ClaimReader {
  claim(namespace: string, name: string): Promise<corev1.PersistentVolumeClaim>;
  volume(name: string): Promise<corev1.PersistentVolume>;
}

export function clientClaims(client: Client): ClaimReader {
  const ref = (resource: string) => ({ group: '', version: 'v1', resource });
  return {
    claim: async (namespace, name) =>
      (await client
        .resource(ref('persistentvolumeclaims'), namespace)
        .get(name)) as corev1.PersistentVolumeClaim,
    volume: async (name) =>
      (await client.resource(ref('persistentvolumes')).get(name)) as corev1.PersistentVolume,
  };
}

/** The path on this node behind a claim that is bound to a hostPath or local volume. */
export async function claimPath(pod: Pod, claimName: string, reader: ClaimReader): Promise<string> {
  const namespace = pod.metadata.namespace ?? '';
  const claim = await reader.claim(namespace, claimName);
  const volumeName = claim.spec?.volumeName;
  if (claim.status?.phase !== 'Bound' || !volumeName) {
    throw new Error(`PVC ${namespace}/${claimName} is not bound`);
  }
  const volume = await reader.volume(volumeName);
  const ref = volume.spec?.claimRef;
  if (ref?.uid !== claim.metadata.uid) {
    throw new Error(`volume ${goQuote(volumeName)} is not bound to claim ${namespace}/${claimName}`);
  }
  if (volume.spec?.hostPath) {
    const { path, type } = volume.spec.hostPath;
    await checkHostPath(path, type ?? '');
    return path;
  }
  if (volume.spec?.local) return volume.spec.local.path;
  throw new Error(`no volume plugin matched for volume ${goQuote(volumeName)}`);
}
