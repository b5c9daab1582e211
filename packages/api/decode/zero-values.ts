import type { FieldPlan } from './decode-plan.ts';

/** A later null clears a pointer, list, map or bytes, and what reads itself as nothing; the rest stays as it is. */
export function afterNull({ value, fact }: FieldPlan, before: unknown): unknown {
  if (value.items !== undefined || fact.pointer) return undefined;
  switch (value.kind) {
    case 'bytes':
    case 'time':
    case 'microtime':
    case 'quantity':
      return undefined;
    case 'intOrString':
      return typeof before === 'string' ? 0 : before;
    default:
      return before;
  }
}

/** Whether `omitempty`, or `omitzero` for structs, would drop the value. */
export function isZero(field: FieldPlan, value: unknown): boolean {
  switch (field.value.kind) {
    case 'string':
    case 'bytes':
    case 'duration':
      return value === '';
    case 'bool':
      return value === false;
    case 'int32':
    case 'int64':
    case 'float64':
      return value === 0;
    case 'array':
      return (value as unknown[]).length === 0;
    case 'map':
      return isEmpty(value as object);
    case 'object':
      return field.fact.omitZero && isEmpty(value as object);
    default:
      return false;
  }
}

function isEmpty(value: object): boolean {
  for (const _ in value) return false;
  return true;
}
