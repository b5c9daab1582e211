import {
  type KubeObject,
  parseQuantity,
  type Quantity,
  selectorFromLabelSelector,
} from '@coxswain/machinery';

const betaClass = 'volume.beta.kubernetes.io/storage-class';

/** The storage class that a claim or a volume names; '' when none. */
export function classOf(object: KubeObject): string {
  return object.metadata.annotations?.[betaClass] ?? object['spec'].storageClassName ?? '';
}

function storageOf(amounts: Readonly<Record<string, string>> | undefined): Quantity {
  return parseQuantity(amounts?.['storage'] ?? '0');
}

/** Whether the volume's claim reference names the claim; a reference without a UID names whoever has the name. */
export function isBoundTo(volume: KubeObject, claim: KubeObject): boolean {
  const ref = volume['spec'].claimRef;
  return (
    ref !== undefined &&
    ref.name === claim.metadata.name &&
    ref.namespace === claim.metadata.namespace &&
    (ref.uid === undefined || ref.uid === '' || ref.uid === claim.metadata.uid)
  );
}

/** Why the volume cannot be the claim's; undefined when it can. Source: checkVolumeSatisfyClaim. */
export function mismatch(volume: KubeObject, claim: KubeObject): string | undefined {
  if (volume.metadata.deletionTimestamp) return 'the volume is marked for deletion';
  if (storageOf(volume['spec'].capacity).compare(storageOf(claim['spec'].resources?.requests)) < 0)
    return 'requested PV is too small';
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match';
  if ((volume['spec'].volumeAttributesClassName ?? '') !== (claim['spec'].volumeAttributesClassName ?? ''))
    return 'volumeAttributesClassName does not match';
  if ((volume['spec'].volumeMode ?? 'Filesystem') !== (claim['spec'].volumeMode ?? 'Filesystem'))
    return 'incompatible volumeMode';
  const modes: readonly string[] = volume['spec'].accessModes ?? [];
  return (claim['spec'].accessModes ?? []).every((mode: string) => modes.includes(mode))
    ? undefined
    : 'incompatible accessMode';
}

/** The volume for a claim: the one that names it already, else the smallest that fits. Pure. */
export function findVolume(
  claim: KubeObject,
  volumes: readonly KubeObject[],
  onlyNamed: boolean,
): KubeObject | undefined {
  const named = volumes.find((volume) => isBoundTo(volume, claim) && mismatch(volume, claim) === undefined);
  if (named || onlyNamed) return named;
  const selector = claim['spec'].selector && selectorFromLabelSelector(claim['spec'].selector);
  const fitting = volumes.filter(
    (volume) =>
      volume['spec'].claimRef === undefined &&
      volume['status']?.phase === 'Available' &&
      mismatch(volume, claim) === undefined &&
      (!selector || selector.matches(volume.metadata.labels)),
  );
  return fitting.sort(
    (a, b) =>
      (a['spec'].accessModes?.length ?? 0) - (b['spec'].accessModes?.length ?? 0) ||
      storageOf(a['spec'].capacity).compare(storageOf(b['spec'].capacity)) ||
      ((a.metadata.name as string) < (b.metadata.name as string) ? -1 : 1),
  )[0];
}
