import { goNumber } from './go-float.ts';
import { goJson } from './go-json.ts';
import type { Int64 } from './json/int64.ts';

/** field.ErrorType of upstream's apimachinery; the value is the cause's `reason` on the wire. */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid';

/** One fault of one field, with upstream's text. */
export interface FieldError {
  readonly type: FieldErrorType;
  /** Path as upstream prints it, such as `spec.containers[0].name` or `metadata.labels[a]`. */
  readonly field: string;
  /** The text after `field: `, such as `Invalid value: "x": must be ...`. */
  readonly message: string;
}

/**
 * A place in an object; prints as upstream's `field.Path`. Immutable, and lazy: the text is only built when
 * an error needs it, so that walking a valid object costs no strings.
 */
export class FieldPath {
  readonly #parent: FieldPath | undefined;
  readonly #name: string;
  /** A list index or a map key; absent on a named step. */
  readonly #index: number | string | undefined;

  private constructor(parent: FieldPath | undefined, name: string, index: number | string | undefined) {
    this.#parent = parent;
    this.#name = name;
    this.#index = index;
  }

  static root(...names: string[]): FieldPath {
    return new FieldPath(undefined, names.length === 1 ? (names[0] as string) : names.join('.'), undefined);
  }

  child(...names: string[]): FieldPath {
    return new FieldPath(this, names.length === 1 ? (names[0] as string) : names.join('.'), undefined);
  }

  index(i: number): FieldPath {
    return new FieldPath(this, '', i);
  }

  key(k: string): FieldPath {
    return new FieldPath(this, '', k);
  }

  toString(): string {
    const text = this.#text();
    return text === '' ? '<nil>' : text;
  }

  #text(): string {
    const head = this.#parent === undefined ? '' : this.#parent.#text();
    if (this.#index !== undefined) return `${head}[${this.#index}]`;
    if (head === '') return this.#name;
    return this.#name === '' ? head : `${head}.${this.#name}`;
  }
}

/** Prints a value as Go's `%q` for strings and JSON for the rest, as field errors do. */
function show(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'string') return goQuote(value);
  return typeof value === 'number' || typeof value === 'bigint' ? goNumber(value) : goJson(value);
}

/** What Go does not count as printable beyond ASCII: controls, unassigned characters, and all spaces but one. */
const unprintable = /[\p{C}\p{Z}]/u;

/** Go's strconv.Quote. Go's strings hold no lone surrogates: they were replaced when the text was read. */
export function goQuote(text: string): string {
  let out = '"';
  for (const ch of text.toWellFormed()) {
    const code = ch.codePointAt(0) as number;
    if (ch === '"' || ch === '\\') out += `\\${ch}`;
    else if (ch === '\n') out += '\\n';
    else if (ch === '\r') out += '\\r';
    else if (ch === '\t') out += '\\t';
    else if (code === 7) out += '\\a';
    else if (code === 8) out += '\\b';
    else if (code === 12) out += '\\f';
    else if (code === 11) out += '\\v';
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code > 0x7f && unprintable.test(ch)) {
      const digits = code.toString(16);
      out += code > 0xffff ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
    } else out += ch;
  }
  return `${out}"`;
}

export function required(path: FieldPath, detail = ''): FieldError {
  return make('FieldValueRequired', path, 'Required value', detail);
}

export function invalid(path: FieldPath, value: unknown, detail: string): FieldError {
  return make('FieldValueInvalid', path, `Invalid value: ${show(value)}`, detail);
}

export function typeInvalid(path: FieldPath, value: unknown, detail: string): FieldError {
  return make('FieldValueTypeInvalid', path, `Invalid value: ${show(value)}`, detail);
}

export function duplicate(path: FieldPath, value: unknown): FieldError {
  return make('FieldValueDuplicate', path, `Duplicate value: ${show(value)}`, '');
}

export function notFound(path: FieldPath, value: unknown): FieldError {
  return make('FieldValueNotFound', path, `Not found: ${show(value)}`, '');
}

export function forbidden(path: FieldPath, detail: string): FieldError {
  return make('FieldValueForbidden', path, 'Forbidden', detail);
}

export function notSupported(path: FieldPath, value: unknown, valid: readonly string[]): FieldError {
  const detail = valid.length === 0 ? '' : `supported values: ${valid.map(goQuote).join(', ')}`;
  return make('FieldValueNotSupported', path, `Unsupported value: ${show(value)}`, detail);
}

export function tooLong(path: FieldPath, maxLength: Int64): FieldError {
  return make('FieldValueTooLong', path, 'Too long', `may not be more than ${counted(maxLength, 'byte')}`);
}

export function tooMany(path: FieldPath, actual: number, max: Int64): FieldError {
  return make('FieldValueTooMany', path, `Too many: ${actual}`, `must have at most ${counted(max, 'item')}`);
}

export function internal(path: FieldPath, detail: string): FieldError {
  return make('InternalError', path, 'Internal error', detail);
}

const counted = (count: Int64, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function make(type: FieldErrorType, path: FieldPath, head: string, detail: string): FieldError {
  return { type, field: path.toString(), message: detail === '' ? head : `${head}: ${detail}` };
}
