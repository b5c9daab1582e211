import type { TypeFact, ValueFact } from '@coxswain/machinery';
import type { CelType, ObjectType } from '../types.ts';
import * as types from '../types.ts';
import { escapeName } from './schema-type.ts';

const known = new WeakMap<TypeFact, ObjectType>();

/** The type that expressions see of objects of a built-in type, with the fields that its schema has. */
export function celTypeOfFact(type: TypeFact): ObjectType {
  let made = known.get(type);
  if (made === undefined) {
    made = new FactType(type);
    known.set(type, made);
  }
  return made;
}

/** Looks at fields when they are asked for: types refer to themselves. */
class FactType implements ObjectType {
  readonly kind = 'object';
  readonly name: string;
  readonly #type: TypeFact;
  #fields: ReadonlyMap<string, ValueFact> | undefined;

  constructor(type: TypeFact) {
    this.#type = type;
    this.name = type.goName;
  }

  field(name: string): CelType | undefined {
    const value = this.#escaped().get(name);
    return value === undefined ? undefined : typeOfValue(value);
  }

  names(): readonly string[] {
    return [...this.#escaped().keys()];
  }

  #escaped(): ReadonlyMap<string, ValueFact> {
    if (this.#fields === undefined) {
      const fields = new Map<string, ValueFact>();
      for (const [name, { value }] of this.#type.fields) {
        const escaped = escapeName(name);
        if (escaped !== undefined) fields.set(escaped, value);
      }
      this.#fields = fields;
    }
    return this.#fields;
  }
}

/** Undefined of what has no schema. */
function typeOfValue(value: ValueFact): CelType | undefined {
  switch (value.kind) {
    case 'bool':
      return types.bool;
    case 'int32':
    case 'int64':
      return types.int;
    case 'float64':
      return types.double;
    case 'bytes':
      return types.bytes;
    case 'time':
    case 'microtime':
      return types.timestamp;
    case 'intOrString':
      return types.dyn;
    case 'object':
      return celTypeOfFact(value.type);
    case 'map': {
      const values = typeOfValue(value.values);
      return values === undefined ? undefined : types.mapOf(types.string, values);
    }
    case 'array': {
      const items = typeOfValue(value.items);
      return items === undefined ? undefined : types.listOf(items);
    }
    case 'any':
      return undefined;
    default:
      return types.string;
  }
}
