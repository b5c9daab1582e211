import { formatValue, type GoValue, goValue, isMap, isTrue, typeName } from './go-value.ts';
import { sprint, sprintf } from './printf.ts';

/** A function that a template may call; throws `Error` with the text of what is wrong. */
export type TemplateFunction = (args: readonly GoValue[]) => GoValue;

/** Functions of text/template but `and` and `or`, and those that kubectl adds. */
export const functions: Readonly<Record<string, TemplateFunction>> = {
  not: ([value]) => !isTrue(value),
  len: ([value]) => {
    if (typeof value === 'string') return BigInt(Buffer.byteLength(value));
    if (Array.isArray(value)) return BigInt(value.length);
    if (isMap(value)) return BigInt(Object.keys(value).length);
    if (value === undefined) throw new Error('reflect: call of reflect.Value.Type on zero Value');
    throw new Error(value === null ? 'len of nil pointer' : `len of type ${typeName(value)}`);
  },
  index: ([value, ...keys]) => keys.reduce(indexOne, value),
  slice: ([value, ...bounds]) => {
    if (typeof value !== 'string' && !Array.isArray(value)) {
      throw new Error(value == null ? 'slice of untyped nil' : `can't slice item of type ${typeName(value)}`);
    }
    const [start, end] = [indexOf(bounds[0] ?? 0n, value), indexOf(bounds[1] ?? BigInt(value.length), value)];
    if (start > end) throw new Error(`invalid slice index: ${start} > ${end}`);
    return value.slice(start, end) as GoValue;
  },
  print: (args) => sprint(args),
  println: (args) => `${args.map(formatValue).join(' ')}\n`,
  printf: ([format, ...args]) => {
    if (typeof format !== 'string')
      throw new Error(`wrong type for value; expected string; got ${typeName(format)}`);
    return sprintf(format, args);
  },
  html: (args) => escapeWith(args, /[&<>"'\0]/g, htmlEscapes),
  js: (args) => textOf(args).replaceAll(/[\\'"<>&=]|\p{Cc}/gu, jsEscape),
  urlquery: (args) =>
    encodeURIComponent(textOf(args))
      .replaceAll('%20', '+')
      .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`),
  eq: ([first, ...others]) => {
    if (others.length === 0) throw new Error('missing argument for comparison');
    return others.some((other) => equals(first, other));
  },
  ne: ([a, b]) => !equals(a, b),
  lt: ([a, b]) => less(a, b),
  le: ([a, b]) => less(a, b) || equals(a, b),
  gt: ([a, b]) => !(less(a, b) || equals(a, b)),
  ge: ([a, b]) => !less(a, b),
  exists: ([value, ...keys]) => {
    try {
      return keys.reduce(indexOne, value) != null;
    } catch {
      // What cannot be gone into has no such member: that is the answer, not an error.
      return false;
    }
  },
  base64decode: ([value]) => {
    if (typeof value !== 'string')
      throw new Error(`wrong type for value; expected string; got ${typeName(value)}`);
    const fault = /[^A-Za-z0-9+/=\r\n]/.exec(value);
    if (fault !== null)
      throw new Error(`base64 decode failed: illegal base64 data at input byte ${fault.index}`);
    return Buffer.from(value, 'base64').toString('utf8');
  },
};

function indexOne(value: GoValue, key: GoValue): GoValue {
  if (value === undefined || value === null) throw new Error('index of nil pointer');
  if (isMap(value)) {
    if (typeof key !== 'string') throw new Error(`value has type ${typeName(key)}; should be string`);
    return Object.hasOwn(value, key) ? goValue(value[key]) : undefined;
  }
  if (typeof value !== 'string' && !Array.isArray(value))
    throw new Error(`can't index item of type ${typeName(value)}`);
  if (typeof key !== 'bigint') throw new Error(`cannot index slice/array with type ${typeName(key)}`);
  if (key < 0n || key >= BigInt(value.length)) throw new Error(`index out of range: ${key}`);
  return typeof value === 'string'
    ? BigInt(Buffer.from(value)[Number(key)] ?? 0)
    : goValue(value[Number(key)]);
}

/** A bound of a slice of the value. */
function indexOf(bound: GoValue, { length }: { readonly length: number }): number {
  if (typeof bound !== 'bigint') throw new Error(`cannot index slice/array with type ${typeName(bound)}`);
  if (bound < 0n || bound > BigInt(length)) throw new Error(`index out of range: ${bound}`);
  return Number(bound);
}

function basicKind(value: GoValue): string {
  if (value === undefined || value === null) return 'nil';
  if (typeof value === 'object')
    throw new Error(`non-comparable type ${formatValue(value)}: ${typeName(value)}`);
  return typeof value;
}

function equals(a: GoValue, b: GoValue): boolean {
  const left = basicKind(a);
  const right = typeof b === 'object' && b !== null ? 'other' : basicKind(b);
  if (left === 'nil' || right === 'nil') return left === right;
  if (left !== right) throw new Error('incompatible types for comparison');
  return a === b;
}

function less(a: GoValue, b: GoValue): boolean {
  const [left, right] = [basicKind(a), basicKind(b)];
  if (left !== right) throw new Error('incompatible types for comparison');
  if (left === 'boolean' || left === 'nil') throw new Error('invalid type for comparison');
  return (a as number) < (b as number);
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
  '\0': '\uFFFD',
};

function escapeWith(
  args: readonly GoValue[],
  chars: RegExp,
  escapes: Readonly<Record<string, string>>,
): string {
  return textOf(args).replaceAll(chars, (char) => escapes[char] ?? char);
}

function jsEscape(char: string): string {
  if (char === '\\' || char === "'" || char === '"') return `\\${char}`;
  return `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function textOf(args: readonly GoValue[]): string {
  return args.length === 1 && typeof args[0] === 'string' ? args[0] : sprint(args);
}
