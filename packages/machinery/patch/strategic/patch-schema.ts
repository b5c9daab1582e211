import type { FieldFact, TypeFact } from '../../facts.ts';
import { goQuote } from '../../field-error.ts';
import { PatchError } from '../patch-error.ts';

/** How a field is patched: its strategy, and the type of its value or of its elements. */
export interface PatchMeta {
  readonly strategy: '' | 'merge' | 'replace';
  readonly retainKeys: boolean;
  readonly mergeKey: string;
  /** Absent where the value is no struct. */
  readonly type: TypeFact | undefined;
}

const byField = new WeakMap<FieldFact, PatchMeta>();

/** Looks a field up; throws `PatchError` when the type does not have it, undefined type included. */
export function patchMeta(type: TypeFact | undefined, name: string): PatchMeta {
  const field = type?.fields.get(name);
  if (!field) {
    throw new PatchError(
      'PATCH_FAILED',
      type
        ? `unable to find api field in struct ${type.goName} for the json field ${goQuote(name)}`
        : 'merging an object in json but data type is not struct, instead is: map',
    );
  }
  let meta = byField.get(field);
  if (!meta) {
    meta = build(field);
    byField.set(field, meta);
  }
  return meta;
}

function build(field: FieldFact): PatchMeta {
  const strategy = field.patchStrategy.find((part) => part !== 'retainKeys') ?? '';
  return {
    strategy: strategy as PatchMeta['strategy'],
    retainKeys: field.patchStrategy.includes('retainKeys'),
    mergeKey: field.patchMergeKey,
    type: structOf(field),
  };
}

function structOf(field: FieldFact): TypeFact | undefined {
  const value = field.value.kind === 'array' ? field.value.items : field.value;
  return value.kind === 'object' ? value.type : undefined;
}
