import { NumberLiteral } from '../json-parser.ts';
import type { ScalarNode } from './parse-nodes.ts';
import { YamlSyntaxError } from './yaml-syntax-error.ts';

const prefix = 'tag:yaml.org,2002:';

const words: ReadonlyMap<string, boolean | null | number> = new Map<string, boolean | null | number>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((w) => [w, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
    (word) => [word, false] as const,
  ),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['', '+'].flatMap((sign) =>
    ['.inf', '.Inf', '.INF'].map((word) => [sign + word, Number.POSITIVE_INFINITY] as const),
  ),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);

const float = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
/** Day and time in the forms that go-yaml takes for a time; its ranges are of no account, as it stays a text. */
const timestamp =
  /^\d{4}-\d{1,2}-\d{1,2}(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})| \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?$/;
const uint64Max = 2n ** 64n - 1n;
const int64Min = -(2n ** 63n);

/** What a scalar may be: numbers that no double holds stay as they were written. */
export type Scalar = string | number | boolean | null | NumberLiteral;

/** Go's names of the types, as go-yaml's tags. */
type Resolved = readonly [
  tag: 'str' | 'bool' | 'int' | 'float' | 'null' | 'timestamp' | 'merge',
  value: Scalar,
];

/**
 * The value of a scalar as go-yaml v2 has it: booleans, octals and underscores of YAML 1.1; times stay text.
 *
 * @throws YamlSyntaxError where the text does not fit its tag
 */
export function resolveScalar({ tag, text, implicit }: ScalarNode): Scalar {
  if (tag === '') return implicit ? resolveText(text)[1] : text;
  const name = tag.startsWith(prefix) ? tag.slice(prefix.length) : '';
  if (name === 'binary') return binary(text);
  if (!['str', 'bool', 'int', 'float', 'null', 'timestamp'].includes(name) || name === 'str') return text;
  const [found, value] = resolveText(text);
  if (found === name || (found === 'int' && name === 'float')) return value;
  throw new YamlSyntaxError(`yaml: cannot decode !!${found} \`${text}\` as a !!${name}`);
}

function resolveText(text: string): Resolved {
  const word = words.get(text);
  if (word !== undefined) return [typeof word === 'number' ? 'float' : word === null ? 'null' : 'bool', word];
  if (text === '<<') return ['merge', text];
  if (text.startsWith('.')) return float.test(text) ? number(text) : ['str', text];
  if (!/^[-+\d]/.test(text)) return ['str', text];
  if (timestamp.test(text)) return ['timestamp', text];
  const plain = text.replaceAll('_', '');
  const integer = integerOf(plain);
  if (integer !== undefined) return ['int', integer];
  return float.test(plain) ? number(plain, text) : ['str', text];
}

/** A number too large for a double is a text. */
function number(plain: string, text = plain): Resolved {
  const value = Number(plain);
  return Number.isFinite(value) ? ['float', value] : ['str', text];
}

/** Go's strconv.ParseInt and ParseUint with base 0; undefined where they fail. */
function integerOf(plain: string): number | NumberLiteral | undefined {
  const found = /^([-+]?)(?:(0[xX][\da-fA-F]+)|(0[bB][01]+)|0[oO]?([0-7]+)|(0|[1-9]\d*))$/.exec(plain);
  if (found === null) return undefined;
  const [, sign, hex, bits, octal, decimal] = found;
  const digits = hex ?? bits ?? decimal ?? `0o${octal}`;
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  // Only what has no sign may have all 64 bits.
  if (value < int64Min || value > (sign === '' ? uint64Max : uint64Max >> 1n)) return undefined;
  return Number.isSafeInteger(Number(value)) ? Number(value) : new NumberLiteral(String(value));
}

function binary(text: string): string {
  const clean = text.replace(/[\r\n]/g, '');
  if (clean.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(clean))
    throw new YamlSyntaxError('yaml: !!binary value contains invalid base64 data');
  return Buffer.from(clean, 'base64').toString();
}
