import type { FieldFact, TypeFact, ValueFact } from './facts.ts';

/** What a test says about one field; the rest is as in fields without markers. */
export type FieldSketch = { readonly value: ValueFact } & Partial<FieldFact>;

/** Builds a type for tests of the walkers from a sketch of its fields. */
export function typeSketch(goName: string, fields: Readonly<Record<string, FieldSketch>>): TypeFact {
  const ordered = Object.entries(fields).map(
    ([name, sketch], i): FieldFact => ({
      number: i + 1,
      required: false,
      listType: 'atomic',
      mapKeys: [],
      atomic: false,
      patchStrategy: [],
      patchMergeKey: '',
      pointer: false,
      keepEmpty: false,
      omitZero: false,
      goType: '',
      within: [],
      embeddedIn: [],
      ...sketch,
      name,
    }),
  );
  return {
    name: `test.${goName}`,
    goName,
    fields: new Map(ordered.map((field) => [field.name, field])),
    byNumber: new Map(ordered.map((field) => [field.number, field])),
    ordered,
    message: '',
    atomic: false,
  };
}

export const text: ValueFact = { kind: 'string' };
export const int32: ValueFact = { kind: 'int32' };
export const any: ValueFact = { kind: 'any' };

export function listOf(items: ValueFact): ValueFact {
  return { kind: 'array', items };
}

export function mapOf(values: ValueFact): ValueFact {
  return { kind: 'map', values };
}

export function struct(type: TypeFact): ValueFact {
  return { kind: 'object', type };
}
