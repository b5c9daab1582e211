import type { FieldFact, TypeFact, ValueFact } from '../facts.ts';
import { isInt64 } from '../json/int64.ts';
import { writeJson } from '../json/json-text.ts';
import { parseQuantity } from '../quantity.ts';

/**
 * The first fault that upstream's conversion of a patched object to its Go type meets, with its text;
 * undefined when there is none. Strategic merge patches are converted so, not decoded.
 */
export function unstructuredFault(object: unknown, type: TypeFact): string | undefined {
  return structFault(object, type);
}

function structFault(value: unknown, type: TypeFact): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return value === null || value === undefined ? undefined : `cannot restore struct from: ${kindOf(value)}`;
  }
  for (const field of type.ordered) {
    const fault = valueFault((value as Record<string, unknown>)[field.name], field.value, field);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'object') return 'map';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'string';
  return isInt64(value) ? 'int64' : 'float64';
}

function valueFault(value: unknown, fact: ValueFact, field?: FieldFact): string | undefined {
  if (value === undefined || value === null) return undefined;
  switch (fact.kind) {
    case 'string':
    case 'bool':
    case 'int32':
    case 'int64':
    case 'float64':
      return scalarFault(value, fact.kind);
    case 'object':
      return structFault(value, fact.type);
    case 'map': {
      if (typeof value !== 'object' || Array.isArray(value))
        return `cannot restore map from ${kindOf(value)}`;
      for (const item of Object.values(value)) {
        const fault = valueFault(item, fact.values, field);
        if (fault !== undefined) return fault;
      }
      return undefined;
    }
    case 'array': {
      if (!Array.isArray(value)) return `cannot restore slice from ${kindOf(value)}`;
      for (const item of value) {
        const fault = valueFault(item, fact.items, field);
        if (fault !== undefined) return fault;
      }
      return undefined;
    }
    case 'quantity':
      return quantityFault(value);
    case 'bytes':
      return typeof value === 'string' || Array.isArray(value)
        ? undefined
        : `cannot restore slice from ${kindOf(value)}`;
    default:
      return undefined;
  }
}

function scalarFault(
  value: unknown,
  kind: 'string' | 'bool' | 'int32' | 'int64' | 'float64',
): string | undefined {
  const actual = kindOf(value);
  if (kind === 'string') {
    if (actual === 'string') return undefined;
    // Go converts integers to strings as code points, so it says that it refuses, not that it does not know how.
    return actual === 'int64' ? 'cannot convert int64 to string' : 'unrecognized type: string';
  }
  if (kind === 'bool') return actual === 'bool' ? undefined : 'unrecognized type: bool';
  if (actual === 'int64') return undefined;
  if (actual === 'float64') return kind === 'float64' ? undefined : `cannot convert float64 to ${kind}`;
  return `unrecognized type: ${kind}`;
}

function quantityFault(value: unknown): string | undefined {
  try {
    parseQuantity(typeof value === 'string' ? value : writeJson(value));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
