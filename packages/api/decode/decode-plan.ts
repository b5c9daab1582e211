import type { FieldFact, TypeFact, ValueFact } from '@coxswain/machinery';

/** A type's facts in the form that the decoder walks. */
export interface StructPlan {
  readonly goName: string;
  /** Go's name with its package, as `of type v1.PodSpec`. */
  readonly goType: string;
  readonly fields: readonly FieldPlan[];
  readonly byName: ReadonlyMap<string, FieldPlan>;
}

export interface FieldPlan {
  readonly index: number;
  readonly name: string;
  readonly value: ValuePlan;
  readonly fact: FieldFact;
  /** What Go writes for the field when nothing was read, or `omit`. */
  readonly whenAbsent: 'omit' | 'struct' | 'null' | 'zero';
  /** Written even where the value is its type's zero. */
  readonly keepsZero: boolean;
}

export interface ValuePlan {
  readonly kind: ValueFact['kind'];
  readonly goType: string;
  readonly schemaOr?: 'array' | 'bool' | 'strings';
  /** Elements of an array, values of a map. */
  readonly items?: ValuePlan;
  readonly struct?: () => StructPlan;
}

const plans = new WeakMap<TypeFact, StructPlan>();

/** The plan of a type, made once. */
export function planOf(type: TypeFact): StructPlan {
  let plan = plans.get(type);
  if (plan === undefined) {
    const fields = type.ordered.map(fieldPlan);
    plan = {
      goName: type.goName,
      goType: goTypeOf(type),
      fields,
      byName: new Map(fields.map((f) => [f.name, f])),
    };
    plans.set(type, plan);
  }
  return plan;
}

function goTypeOf(type: TypeFact): string {
  return `${type.name.split('.').at(-2) ?? ''}.${type.goName}`;
}

function fieldPlan(fact: FieldFact, index: number): FieldPlan {
  const value = valuePlan(fact.value, fact.goType);
  return {
    index,
    name: fact.name,
    value,
    fact,
    whenAbsent: whenAbsent(fact),
    keepsZero: fact.pointer || (fact.keepEmpty && !fact.omitZero),
  };
}

/** encoding/json's `omitempty` drops nil, zero scalars and empty lists; a struct by value is never empty. */
function whenAbsent(fact: FieldFact): FieldPlan['whenAbsent'] {
  if (fact.omitZero) return 'omit';
  if (fact.pointer) return fact.keepEmpty ? 'null' : 'omit';
  switch (fact.value.kind) {
    case 'object':
      return 'struct';
    case 'time':
    case 'microtime':
    case 'any':
      return 'null';
    case 'quantity':
    case 'intOrString':
      return 'zero';
    case 'array':
    case 'map':
    case 'bytes':
      return fact.keepEmpty ? 'null' : 'omit';
    default:
      return fact.keepEmpty ? 'zero' : 'omit';
  }
}

function valuePlan(value: ValueFact, goType: string): ValuePlan {
  switch (value.kind) {
    case 'array':
      return { kind: 'array', goType, items: valuePlan(value.items, elementType(goType, '[]', value.items)) };
    case 'map': {
      const prefix = /^map\[[^\]]*\]/.exec(goType)?.[0] ?? 'map[string]';
      return {
        kind: 'map',
        goType,
        items: valuePlan(value.values, elementType(goType, prefix, value.values)),
      };
    }
    case 'object': {
      const { type } = value;
      return { kind: 'object', goType, struct: () => planOf(type) };
    }
    case 'any':
      return { kind: 'any', goType, ...(value.schemaOr === undefined ? {} : { schemaOr: value.schemaOr }) };
    default:
      return { kind: value.kind, goType };
  }
}

const goScalars: Readonly<Record<string, string>> = { bytes: '[]uint8' };

/** The element's Go type where the collection's is spelled out; else its own, or the plain one of its kind. */
function elementType(goType: string, prefix: string, element: ValueFact): string {
  if (goType.startsWith(prefix)) return goType.slice(prefix.length).replace(/^\*/, '');
  if (element.kind === 'object') return goTypeOf(element.type);
  return goScalars[element.kind] ?? element.kind;
}
