import { FieldPath, goQuote, type KubeObject, parseQuantity } from '@coxswain/machinery';
import { deprecatedNodeLabels, nodeTermWarnings } from '../pod/scheduling/node-label-warnings.ts';
import { type Json, metadataPath, specPath } from '../values.ts';

const classAnnotation = 'volume.beta.kubernetes.io/storage-class';
const mountAnnotation = 'volume.beta.kubernetes.io/mount-options';

const deprecatedSources: readonly (readonly [member: string, message: string, shown?: string])[] = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+', 'storageOS'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

function annotationWarning(object: KubeObject, key: string, message: string): string[] {
  if (object.metadata.annotations?.[key] === undefined) return [];
  return [`${metadataPath.child('annotations').key(key)}: ${message}`];
}

const useClassName = 'deprecated since v1.8; use "storageClassName" attribute instead';

/** GetWarningsForPersistentVolume. */
export function persistentVolumeWarnings(volume: KubeObject): string[] {
  const spec: Json = volume['spec'];
  const out = annotationWarning(volume, classAnnotation, useClassName);
  const useMountOptions = 'deprecated since v1.31; use "mountOptions" attribute instead';
  out.push(...annotationWarning(volume, mountAnnotation, useMountOptions));
  if (spec['persistentVolumeReclaimPolicy'] === 'Recycle') {
    out.push(
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    );
  }
  const terms: readonly Json[] = spec['nodeAffinity']?.required?.nodeSelectorTerms ?? [];
  terms.forEach((term, i) => {
    const path = specPath.child('nodeAffinity', 'required', 'nodeSelectorTerms').index(i);
    nodeTermWarnings(term, path, (place, message) => void out.push(`${place}: ${message}`));
  });
  const source = deprecatedSources.find(([member]) => spec[member] != null);
  if (source !== undefined) out.push(`${specPath.child(source[2] ?? source[0])}: ${source[1]}`);
  return out;
}

/** GetWarningsForPersistentVolumeClaim. */
export function claimWarnings(claim: KubeObject): string[] {
  return [
    ...annotationWarning(claim, classAnnotation, useClassName),
    ...claimSpecWarnings(claim['spec'], specPath),
  ];
}

/** GetWarningsForPersistentVolumeClaimSpec: bytes come whole. */
export function claimSpecWarnings(spec: Json | undefined, path: FieldPath): string[] {
  return ['requests', 'limits'].flatMap((list) => {
    const storage: string | undefined = spec?.['resources']?.[list]?.storage;
    if (storage == null || parseQuantity(storage).milliValue() % 1000n === 0n) return [];
    const place = path.child('resources').child(list).key('storage');
    return [`${place}: fractional byte value ${goQuote(storage)} is invalid, must be an integer`];
  });
}

/** GetWarningsForStorageClass. */
export function storageClassWarnings(storage: KubeObject): string[] {
  const out: string[] = [];
  const terms: readonly Json[] = storage['allowedTopologies'] ?? [];
  terms.forEach((term, i) => {
    const expressions: readonly Json[] = term['matchLabelExpressions'] ?? [];
    expressions.forEach(({ key }, j) => {
      const message = deprecatedNodeLabels[key];
      if (message === undefined) return;
      const path = FieldPath.root('allowedTopologies').index(i).child('matchLabelExpressions').index(j);
      out.push(`${path.child('key')}: ${message}`);
    });
  });
  return out;
}
