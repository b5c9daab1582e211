import { goNumber } from '@coxswain/machinery';
import { isMembers } from './schema.ts';
import { jsonTypeOf } from './value-type.ts';

const goTypes: Readonly<Record<string, string>> = {
  null: '<nil>',
  array: '[]interface {}',
  integer: 'int64',
  number: 'float64',
  boolean: 'bool',
  string: 'string',
  object: 'map[string]interface {}',
};

/** The type by which Go's `%T` knows a JSON value. */
export function goTypeOf(value: unknown): string {
  return goTypes[jsonTypeOf(value)] as string;
}

/** A JSON value as Go's `%v` prints it. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (typeof value === 'number') return goNumber(value);
  if (!isMembers(value)) return String(value);
  const members = Object.keys(value).sort();
  return `map[${members.map((name) => `${name}:${goValue(value[name])}`).join(' ')}]`;
}
