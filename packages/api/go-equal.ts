import { deepEqual, parseQuantity, type TypeFact, type ValueFact } from '@coxswain/machinery';
import { findType } from './type-facts.ts';

type Members = Readonly<Record<string, any>>;

/**
 * Whether upstream takes two values of an API type for the same (`equality.Semantic.DeepEqual`): absent lists, maps
 * and scalars are as good as empty ones, what Go holds by pointer is not, and amounts are compared as numbers.
 *
 * @param definition the name of the type, such as `io.k8s.api.core.v1.PodSpec`
 */
export function goEqual(a: Members | undefined, b: Members | undefined, definition: string): boolean {
  if (deepEqual(a, b)) return true;
  const type = findType(definition);
  if (type === undefined) throw new Error(`compare Go structs: there is no type "${definition}"`);
  return structsEqual(a ?? {}, b ?? {}, type);
}

function structsEqual(a: Members, b: Members, type: TypeFact): boolean {
  for (const field of type.ordered) {
    const left = a[field.name];
    const right = b[field.name];
    if (left === right) continue;
    if (field.pointer && (left == null) !== (right == null)) return false;
    if (!valuesEqual(left, right, field.value)) return false;
  }
  return true;
}

function valuesEqual(a: any, b: any, fact: ValueFact): boolean {
  switch (fact.kind) {
    case 'object':
      return structsEqual(a ?? {}, b ?? {}, fact.type);
    case 'array': {
      const left: readonly unknown[] = a ?? [];
      const right: readonly unknown[] = b ?? [];
      return left.length === right.length && left.every((item, i) => valuesEqual(item, right[i], fact.items));
    }
    case 'map': {
      const keys = Object.keys(a ?? {});
      if (keys.length !== Object.keys(b ?? {}).length) return false;
      return keys.every((key) => Object.hasOwn(b, key) && valuesEqual(a[key], b[key], fact.values));
    }
    case 'quantity':
      return parseQuantity(String(a ?? '0')).compare(parseQuantity(String(b ?? '0'))) === 0;
    case 'bool':
      return (a ?? false) === (b ?? false);
    case 'int32':
    case 'int64':
    case 'float64':
    case 'intOrString':
      return (a ?? 0) === (b ?? 0);
    case 'string':
      return (a ?? '') === (b ?? '');
    default:
      return deepEqual(a, b);
  }
}
