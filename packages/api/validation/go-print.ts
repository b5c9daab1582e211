import { type TypeFact, type ValueFact, zeroValueOf } from '@coxswain/machinery';
import { findType } from '../type-facts.ts';
import { internalMembers } from './internal-members.ts';
import { type Json, sortedMap } from './values.ts';

/** Machinery's types are the same inside, and keep their JSON names and what they leave out when empty. */
const machinery = 'io.k8s.apimachinery.';

/**
 * An object of an API type as Go's json.Marshal prints the internal struct: without JSON names and with all that is
 * empty.
 *
 * @param definition the name of the released type, such as `io.k8s.api.flowcontrol.v1.FlowSchemaSpec`
 * @param embedded the struct embedded in it that alone is printed
 */
export function goStruct(value: Json | undefined, definition: string, embedded?: string): unknown {
  const type = findType(definition);
  if (type === undefined) throw new Error(`print a Go struct: there is no type "${definition}"`);
  return value == null ? null : struct(value, type, embedded);
}

function struct(value: Json, type: TypeFact, embedded?: string): Json {
  const out: Json = {};
  for (const member of internalMembers(type)) {
    if (embedded !== undefined && member.embeddedIn !== embedded) continue;
    const inner: unknown = member.of(value);
    // embedded metadata has JSON names, and Go writes its members among the others
    if (member.name === 'ObjectMeta') Object.assign(out, released(inner ?? {}, member.value));
    else out[member.name] = shown(inner, member.value, member.pointer);
  }
  return out;
}

/** As a released struct is written: in Go's order, without what is empty. */
function released(value: any, fact: ValueFact): any {
  if (value == null) return value;
  switch (fact.kind) {
    case 'object': {
      const out: Json = {};
      for (const field of fact.type.ordered) {
        if (value[field.name] !== undefined) out[field.name] = released(value[field.name], field.value);
      }
      return out;
    }
    case 'array':
      return value.map((item: unknown) => released(item, fact.items));
    case 'map':
      return sortedMap(value);
    default:
      return value;
  }
}

function shown(value: any, fact: ValueFact, pointer: boolean): unknown {
  if (value == null) return pointer ? null : zero(fact);
  switch (fact.kind) {
    case 'object':
      return fact.type.name.startsWith(machinery) ? released(value, fact) : struct(value, fact.type);
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
  if (fact.kind !== 'object') return zeroValueOf(fact.kind);
  return fact.type.name.startsWith(machinery) ? {} : struct({}, fact.type);
}
