import type { TypeFact, ValueFact } from '@coxswain/machinery';
import { goMemberName } from '../go-names.ts';
import { findType } from '../type-facts.ts';
import { type Json, sortedMap } from './values.ts';

/** Machinery's types are the same inside, and keep their JSON names and what they leave out when empty. */
const machinery = 'io.k8s.apimachinery.';

/**
 * An object of an API type as Go's json.Marshal prints the internal struct, which has the members of the
 * released one in the same order, without JSON names and with all that is empty.
 *
 * @param definition the name of the released type, such as `io.k8s.api.flowcontrol.v1.FlowSchemaSpec`
 */
export function goStruct(value: Json | undefined, definition: string): unknown {
  const type = findType(definition);
  if (type === undefined) throw new Error(`print a Go struct: there is no type "${definition}"`);
  return value == null ? null : struct(value, type);
}

function struct(value: Json, type: TypeFact): Json {
  const out: Json = {};
  for (const field of type.ordered) {
    // embedded metadata has JSON names, and Go writes its members among the others
    if (field.name === 'metadata') Object.assign(out, value['metadata']);
    else out[goMemberName(type.goName, field.name)] = shown(value[field.name], field.value, field.pointer);
  }
  return out;
}

function shown(value: any, fact: ValueFact, pointer: boolean): unknown {
  if (value == null) return pointer ? null : zero(fact);
  switch (fact.kind) {
    case 'object':
      return fact.type.name.startsWith(machinery) ? value : struct(value, fact.type);
    case 'array':
      return value.map((item: unknown) => shown(item, fact.items, false));
    case 'map': {
      const sorted = sortedMap(value)!;
      for (const key of Object.keys(sorted)) sorted[key] = shown(sorted[key], fact.values, false);
      return sorted;
    }
    default:
      return value;
  }
}

function zero(fact: ValueFact): unknown {
  switch (fact.kind) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int32':
    case 'int64':
    case 'float64':
    case 'intOrString':
      return 0;
    case 'quantity':
      return '0';
    case 'object':
      return fact.type.name.startsWith(machinery) ? {} : struct({}, fact.type);
    default:
      return null;
  }
}
