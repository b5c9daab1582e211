import { deepEqual, type KubeObject } from '@coxswain/machinery';
import { ensure, type Json } from '../validation/values.ts';

const prefix = 'container.apparmor.security.beta.kubernetes.io/';
// PATH_MAX - 1
const longestProfile = 4095;

/** What creators of pods are told of annotations that had to become fields. */
const warnings = new WeakMap<KubeObject, readonly string[]>();

/**
 * applyAppArmorVersionSkew: the annotations of old kubelets and clients and the fields of new ones say the same.
 * In place; pods that name no profile are left alone.
 */
export function syncAppArmor(pod: KubeObject): void {
  const spec: Json = pod['spec'];
  if (spec['os']?.name === 'windows') return;
  const podProfile: Json | undefined = spec['securityContext']?.appArmorProfile;
  let told: string[] | undefined;
  for (const list of ['initContainers', 'containers', 'ephemeralContainers']) {
    for (const container of (spec[list] ?? []) as Json[]) {
      if (syncContainer(pod, container, podProfile)) {
        const place = `metadata.annotations[${prefix}${container['name']}]`;
        told ??= [];
        told.push(`${place}: deprecated since v1.30; use the "appArmorProfile" field instead`);
      }
    }
  }
  if (told !== undefined) warnings.set(pod, told);
}

/** What the creator of a pod is warned of, once `syncAppArmor` has seen it. */
export function appArmorWarnings(pod: KubeObject): readonly string[] {
  return warnings.get(pod) ?? [];
}

/** Tells whether the annotation was needed: the field could not be told without it, or not even with it. */
function syncContainer(pod: KubeObject, container: Json, podProfile: Json | undefined): boolean {
  const { annotations } = pod.metadata;
  const own: Json | undefined = container['securityContext']?.appArmorProfile;
  if (annotations === undefined && own === undefined && podProfile === undefined) return false;
  const key = `${prefix}${container['name']}`;
  const annotation = annotations?.[key];
  if (annotation === undefined) {
    const profile = own ?? podProfile;
    const text = profile === undefined ? '' : annotationOf(profile);
    if (text !== '') pod.metadata.annotations = { ...annotations, [key]: text };
    return false;
  }
  if (own !== undefined) return false;
  const field = profileOf(annotation);
  if (field === undefined) return true;
  if (podProfile !== undefined && deepEqual(field, podProfile)) return false;
  ensure(container, 'securityContext')['appArmorProfile'] = field;
  return true;
}

function annotationOf({ type, localhostProfile }: Json): string {
  if (type === 'Unconfined') return 'unconfined';
  if (type === 'RuntimeDefault') return 'runtime/default';
  return type === 'Localhost' && localhostProfile != null ? `localhost/${localhostProfile}` : '';
}

function profileOf(annotation: string): Json | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const local = annotation.startsWith('localhost/') ? annotation.slice('localhost/'.length) : '';
  const isFine = local !== '' && local.trim() === local && Buffer.byteLength(local) <= longestProfile;
  return isFine ? { type: 'Localhost', localhostProfile: local } : undefined;
}
