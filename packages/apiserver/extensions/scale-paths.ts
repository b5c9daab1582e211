import type { apiextensionsv1 } from '@coxswain/api';
import { type FieldError, FieldPath, invalid, type KubeObject } from '@coxswain/machinery';
import { SimplePath } from './simple-path.ts';

export type ScalePaths = apiextensionsv1.CustomResourceSubresourceScale;

const int32Max = 2 ** 31 - 1;

/** Checks what a scale reads: numbers of replicas are 32-bit and not negative. */
export function validateScale(object: KubeObject, paths: ScalePaths | undefined): FieldError[] {
  if (paths === undefined) return [];
  return [
    ...replicasErrors(object, paths.specReplicasPath),
    ...replicasErrors(object, paths.statusReplicasPath),
  ];
}

function replicasErrors(object: KubeObject, path: string): FieldError[] {
  const value = new SimplePath(path).read(object);
  const at = FieldPath.root(path);
  if (typeof value !== 'number') return [];
  if (value < 0) return [invalid(at, value, 'should be a non-negative integer')];
  return value > int32Max ? [invalid(at, value, `should be less than or equal to ${int32Max}`)] : [];
}
