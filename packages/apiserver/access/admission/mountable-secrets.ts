import type { KubeObject } from '@coxswain/machinery';

const labels: Readonly<Record<string, string>> = {
  initContainers: 'init container',
  containers: 'container',
  ephemeralContainers: 'ephemeral container',
};

/**
 * What is wrong with a pod's secrets when its account says that only those it lists may be used
 * (annotation `kubernetes.io/enforce-mountable-secrets`); `undefined` when nothing is.
 * @param fields the container lists to look at
 */
export function secretReferenceFault(
  account: KubeObject,
  pod: KubeObject,
  fields: readonly string[],
): string | undefined {
  const allowed = namesOf(account['secrets']);
  const name = account.metadata.name ?? '';
  const tail = `is not allowed because service account ${name} does not reference that secret`;
  const spec = pod['spec'] ?? {};
  for (const volume of spec['volumes'] ?? []) {
    const secret = volume['secret']?.['secretName'];
    if (secret && !allowed.has(secret)) return `volume with secret.secretName="${secret}" ${tail}`;
  }
  for (const field of fields) {
    for (const container of spec[field] ?? []) {
      for (const variable of container['env'] ?? []) {
        const secret = variable['valueFrom']?.['secretKeyRef']?.['name'];
        if (secret && !allowed.has(secret)) {
          return `${labels[field]} ${container['name']} with envVar ${variable['name']} referencing secret.secretName="${secret}" ${tail}`;
        }
      }
    }
  }
  return pullSecretFault(account, spec);
}

function pullSecretFault(account: KubeObject, spec: Record<string, any>): string | undefined {
  const allowed = namesOf(account['imagePullSecrets']);
  const refs: { name: string }[] = spec['imagePullSecrets'] ?? [];
  const at = refs.findIndex((ref) => !allowed.has(ref.name));
  if (at < 0) return undefined;
  return `imagePullSecrets[${at}].name="${refs[at]?.name}" is not allowed because service account ${account.metadata.name} does not reference that imagePullSecret`;
}

function namesOf(refs: readonly { name?: string }[] | undefined): Set<string> {
  return new Set((refs ?? []).flatMap((ref) => ref.name ?? []));
}
