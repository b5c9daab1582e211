import type { FieldFact, TypeFact } from '../facts.ts';
import { zeroValueOf } from '../zero-value.ts';

type Json = Readonly<Record<string, unknown>>;

const byType = new WeakMap<TypeFact, Json>();

/**
 * A new object as Go's zero value shows it: structs held by value and fields that are always written are
 * there. A creation is compared with it, so that nobody comes to own such a field by itself.
 */
export function zeroObject(type: TypeFact): Json {
  const known = byType.get(type);
  if (known) return known;
  const out: Record<string, unknown> = {};
  byType.set(type, out);
  for (const field of type.ordered) {
    const value = zeroValue(field);
    if (value !== undefined) out[field.name] = value;
  }
  return out;
}

/** Undefined for what is left out of a zero value. */
function zeroValue(field: FieldFact): unknown {
  if (!field.pointer && field.value.kind === 'object' && !field.omitZero) return zeroObject(field.value.type);
  if (!field.keepEmpty) return undefined;
  if (field.pointer) return null;
  return zeroValueOf(field.value.kind);
}
