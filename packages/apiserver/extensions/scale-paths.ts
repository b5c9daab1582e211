import type { apiextensionsv1 } from '@coxswain/api';
import { type FieldError, FieldPath, invalid, isInt64, type KubeObject } from '@coxswain/machinery';
import { goTypeOf, goValue } from './schema/go-value.ts';
import { isMembers } from './schema/schema.ts';
import { SimplePath } from './simple-path.ts';

export type ScalePaths = apiextensionsv1.CustomResourceSubresourceScale;
export type ScaleField = keyof ScalePaths & ('specReplicasPath' | 'statusReplicasPath' | 'labelSelectorPath');

/** What a scale shows of an object, in the order in which it is checked. */
export const scaleFields: readonly ScaleField[] = [
  'specReplicasPath',
  'statusReplicasPath',
  'labelSelectorPath',
];
/** What of it the status may hold. */
export const scaleStatusFields: readonly ScaleField[] = ['statusReplicasPath', 'labelSelectorPath'];

const int32Max = 2 ** 31 - 1;

/** Checks what a scale reads: numbers of replicas are 32-bit and not negative, a selector is a text. */
export function validateScale(
  object: KubeObject,
  paths: ScalePaths | undefined,
  fields: readonly ScaleField[],
): FieldError[] {
  if (paths === undefined) return [];
  return fields.flatMap((field) => {
    const text = paths[field];
    if (text === undefined) return [];
    const fault = field === 'labelSelectorPath' ? selectorFault(object, text) : replicasFault(object, text);
    return fault === undefined ? [] : [invalid(FieldPath.root(text), fault.value, fault.text)];
  });
}

interface Fault {
  readonly value: unknown;
  readonly text: string;
}

function replicasFault(object: KubeObject, path: string): Fault | undefined {
  const { value, fault } = findScaled(object, path, 'int64');
  if (fault !== undefined) return { value: 0, text: fault };
  if (!isInt64(value)) return undefined;
  if (value < 0) return { value, text: 'should be a non-negative integer' };
  return value > int32Max ? { value, text: `should be less than or equal to ${int32Max}` } : undefined;
}

function selectorFault(object: KubeObject, path: string): Fault | undefined {
  const { fault } = findScaled(object, path, 'string');
  return fault === undefined ? undefined : { value: '', text: fault };
}

/** What a path leads to; `fault` when something on the way, or at its end, is of another type than it must be. */
export function findScaled(
  object: KubeObject,
  path: string,
  wanted: 'int64' | 'string',
): { readonly value?: unknown; readonly fault?: string } {
  const { steps } = new SimplePath(path);
  let value: unknown = object;
  const wrong = (count: number, type: string): { readonly fault: string } => ({
    fault: `.${steps.slice(0, count).join('.')} accessor error: ${goValue(value)} is of the type ${goTypeOf(value)}, expected ${type}`,
  });
  for (const [i, step] of steps.entries()) {
    if (value === null) return {};
    if (!isMembers(value)) return wrong(i + 1, 'map[string]interface{}');
    if (!Object.hasOwn(value, step)) return {};
    value = value[step];
  }
  return goTypeOf(value) === wanted ? { value } : wrong(steps.length, wanted);
}
