import type { FieldFact, TypeFact, ValueFact } from '@coxswain/machinery';
import { goMemberName } from '../go-names.ts';
import { doubleWire, lengthWire, varintWire } from './wire-reader.ts';

/** A message of a type, or of the fields that Go embeds from another struct. */
export interface MessagePlan {
  /** Go's name, which errors tell. */
  readonly name: string;
  /** In ascending order of number. */
  readonly members: readonly MemberPlan[];
  readonly byNumber: ReadonlyMap<number, MemberPlan>;
}

export type MemberPlan =
  | {
      readonly number: number;
      /** Go's name, which errors tell. */
      readonly goName: string;
      readonly field: FieldFact;
      readonly alwaysWritten: boolean;
      /** A list that is a message of its own, whose field 1 repeats. */
      readonly wrapped: boolean;
      /** How one value is written: `varintWire`, `doubleWire` or `lengthWire`. */
      readonly wire: number;
      /** Several values of a list may be written as one field. */
      readonly packable: boolean;
      /** Go's name of the message of one value that has no type fact: `RawExtension`, `ExtraValue`. */
      readonly messageName: string;
    }
  /** The fields of an embedded message lie beside the others in JSON. */
  | { readonly number: number; readonly goName: string; readonly embedded: MessagePlan };

const plans = new WeakMap<TypeFact, MessagePlan>();

/** The message plan of a type, made once. */
export function messagePlanOf(type: TypeFact): MessagePlan {
  let plan = plans.get(type);
  if (plan === undefined) {
    plan = build(
      type.goName,
      type.ordered.filter((f) => f.number > 0),
      0,
    );
    plans.set(type, plan);
  }
  return plan;
}

function build(name: string, fields: readonly FieldFact[], depth: number): MessagePlan {
  const members: MemberPlan[] = [];
  const embedded = new Map<number, FieldFact[]>();
  for (const field of fields) {
    const outer = field.within[depth];
    if (outer === undefined) members.push(memberPlan(name, field));
    else embedded.set(outer, [...(embedded.get(outer) ?? []), field]);
  }
  for (const [number, inner] of embedded) {
    const goName = inner[0]?.embeddedIn[depth] ?? '';
    members.push({ number, goName, embedded: build(goName, inner, depth + 1) });
  }
  members.sort((a, b) => a.number - b.number);
  return { name, members, byNumber: new Map(members.map((m) => [m.number, m])) };
}

function memberPlan(struct: string, field: FieldFact): MemberPlan {
  const wrapped = field.goType === 'v1.Verbs';
  const items = field.value.kind === 'array' && !wrapped ? field.value.items : undefined;
  const wire = wireOf(items ?? field.value);
  return {
    number: field.number,
    goName: goMemberName(struct, field.name),
    field,
    alwaysWritten: isAlwaysWritten(field),
    wrapped,
    wire,
    packable: items !== undefined && wire !== lengthWire,
    messageName: field.goType.slice(field.goType.lastIndexOf('.') + 1),
  };
}

function wireOf(value: ValueFact): number {
  if (value.kind === 'float64') return doubleWire;
  return ['bool', 'int32', 'int64'].includes(value.kind) ? varintWire : lengthWire;
}

/** Go's generated code leaves out nil pointers, lists and maps, and nothing else. */
function isAlwaysWritten(field: FieldFact): boolean {
  return !field.pointer && !['array', 'map', 'bytes'].includes(field.value.kind);
}
