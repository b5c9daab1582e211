import { isJsonNumber, type JsonNumber, NumberLiteral } from './json-parser.ts';

/** A JSON value of another kind than its Go type takes. */
export interface Misfit {
  /** The kind of the value, and the number where one does not fit: `bool`, `number 1.5`. */
  readonly shown: string;
  readonly goType: string;
  /** The fields that lead to it; none where a type's own unmarshaler met it. */
  readonly fields: readonly string[];
}

/** A JSON value that does not fit the type; the message is Go's. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code = 'ERR_DECODE';
  /** Present where the value is of another kind, for the one who knows more of the place. */
  readonly misfit: Misfit | undefined;

  constructor(message: string, options: ErrorOptions & { readonly misfit?: Misfit } = {}) {
    super(message, options);
    this.misfit = options.misfit;
  }
}

/** Go's words for a value of another kind; `struct` is the one that has the innermost field. */
export function misfitText({ shown, goType, fields }: Misfit, struct: string): string {
  const where = fields.length === 0 ? 'Go value' : `Go struct field ${struct}.${fields.join('.')}`;
  return `json: cannot unmarshal ${shown} into ${where} of type ${goType}`;
}

/** What a type's own unmarshaler throws, which knows nothing of the place. */
export function misfitError(shown: string, goType: string): DecodeError {
  const misfit = { shown, goType, fields: [] };
  return new DecodeError(misfitText(misfit, ''), { misfit });
}

/** How Go names the kind of a JSON value that it met. */
export function jsonKind(value: unknown): string {
  if (isJsonNumber(value)) return 'number';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** How Go shows a number that does not fit. */
export function numberShown(value: JsonNumber): string {
  return `number ${value instanceof NumberLiteral ? value.text : value}`;
}
