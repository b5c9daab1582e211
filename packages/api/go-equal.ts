import { deepEqual, type FieldFact, parseQuantity, type TypeFact, type ValueFact } from '@coxswain/machinery';
import { mustFindType } from './type-facts.ts';

type Members = Readonly<Record<string, any>>;

/**
 * Whether upstream takes two values of an API type for the same (`equality.Semantic.DeepEqual`): absent lists, maps
 * and scalars are as good as empty ones, what Go holds by pointer is not, and amounts are compared as numbers.
 *
 * @param definition the name of the type, such as `io.k8s.api.core.v1.PodSpec`
 */
export function goEqual(a: Members | undefined, b: Members | undefined, definition: string): boolean {
  if (deepEqual(a, b)) return true;
  return structsEqual(a ?? {}, b ?? {}, mustFindType(definition));
}

/** As `goEqual`, with some members of the type left out of account. */
export function goEqualBut(a: Members, b: Members, type: TypeFact, ignored: ReadonlySet<string>): boolean {
  return type.ordered.every((field) => {
    const left = a[field.name];
    const right = b[field.name];
    return ignored.has(field.name) || deepEqual(left, right) || fieldsEqual(left, right, field);
  });
}

function structsEqual(a: Members, b: Members, type: TypeFact): boolean {
  for (const field of type.ordered) {
    const left = a[field.name];
    const right = b[field.name];
    if (left !== right && !fieldsEqual(left, right, field)) return false;
  }
  return true;
}

function fieldsEqual(a: any, b: any, field: FieldFact): boolean {
  if (field.pointer && (a == null) !== (b == null)) return false;
  return valuesEqual(a, b, field.value);
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
