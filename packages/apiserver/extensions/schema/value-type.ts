import { isInt64 } from '@coxswain/machinery';
import type { Schema } from './schema.ts';

/** What is said of a value of a wrong type. */
export interface TypeFault {
  readonly wanted: string;
  readonly found: string;
}

/** The types that a schema names; none where values of any type are allowed. */
export function typesOf(schema: Schema): readonly string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string'];
  return schema.type === undefined || schema.type === '' ? [] : [schema.type];
}

/** Go's name of a JSON value's type in the texts. */
export function jsonTypeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (isInt64(value)) return 'integer';
  return typeof value;
}

/** The formats by which Go's types are known. */
const goFormats: Readonly<Record<string, string>> = { integer: 'int64', number: 'float64' };

/** What is wrong with the type of a value that is not null; a format may stand for the type, as upstream has it. */
export function typeFault(value: unknown, types: readonly string[], format: string): TypeFault | undefined {
  const found = jsonTypeOf(value);
  const fits = types.includes(found) || (found === 'integer' && types.includes('number'));
  const isTextOrList = found === 'string' || found === 'array';
  if (format !== '') {
    const goFormat = goFormats[found] ?? '';
    if (!isTextOrList && !fits && goFormat !== format) return { wanted: format, found: goFormat };
    // Of texts and lists with a format only the format is looked at.
    if (isTextOrList && !types.includes('number') && !types.includes('integer')) return undefined;
  }
  return fits ? undefined : { wanted: types.join(','), found };
}
