import type { FieldFact, TypeFact } from '@coxswain/machinery';

/** A message of a type, or of the fields that Go embeds from another struct. */
export interface MessagePlan {
  /** In ascending order of number. */
  readonly members: readonly MemberPlan[];
  readonly byNumber: ReadonlyMap<number, MemberPlan>;
}

export type MemberPlan =
  | {
      readonly number: number;
      readonly field: FieldFact;
      readonly alwaysWritten: boolean;
      /** A list that is a message of its own, whose field 1 repeats. */
      readonly wrapped: boolean;
    }
  /** The fields of an embedded message lie beside the others in JSON. */
  | { readonly number: number; readonly embedded: MessagePlan };

const plans = new WeakMap<TypeFact, MessagePlan>();

/** The message plan of a type, made once. */
export function messagePlanOf(type: TypeFact): MessagePlan {
  let plan = plans.get(type);
  if (plan === undefined) {
    plan = build(
      type.ordered.filter((f) => f.number > 0),
      0,
    );
    plans.set(type, plan);
  }
  return plan;
}

function build(fields: readonly FieldFact[], depth: number): MessagePlan {
  const members: MemberPlan[] = [];
  const embedded = new Map<number, FieldFact[]>();
  for (const field of fields) {
    const outer = field.within[depth];
    if (outer === undefined) {
      members.push({
        number: field.number,
        field,
        alwaysWritten: isAlwaysWritten(field),
        wrapped: field.goType === 'v1.Verbs',
      });
    } else {
      embedded.set(outer, [...(embedded.get(outer) ?? []), field]);
    }
  }
  for (const [number, inner] of embedded) members.push({ number, embedded: build(inner, depth + 1) });
  members.sort((a, b) => a.number - b.number);
  return { members, byNumber: new Map(members.map((m) => [m.number, m])) };
}

/** Go's generated code leaves out nil pointers, lists and maps, and nothing else. */
function isAlwaysWritten(field: FieldFact): boolean {
  return !field.pointer && !['array', 'map', 'bytes'].includes(field.value.kind);
}
