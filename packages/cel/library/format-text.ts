import { CelRuntimeError } from '../issue.ts';
import {
  CelDuration,
  CelTimestamp,
  CelTypeName,
  CelUint,
  type CelValue,
  isList,
  isMap,
  typeNameOf,
} from '../values.ts';
import { doubleText } from './conversions.ts';
import { durationText, timestampText } from './time-text.ts';

/** A value as `%s` shows it. */
function plain(value: CelValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof CelTimestamp) return timestampText(value);
  if (value instanceof CelDuration) return durationText(value);
  if (value instanceof CelTypeName) return value.name;
  if (isList(value)) return `[${value.map(plain).join(', ')}]`;
  if (isMap(value)) {
    const entries = value.keys().map((key) => `${plain(key)}: ${plain(value.get(key) as CelValue)}`);
    return `{${entries.sort().join(', ')}}`;
  }
  return String(value);
}

function integer(value: CelValue): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof CelUint) return value.value;
  throw wrongType('integer', value);
}

function wrongType(clause: string, value: CelValue): CelRuntimeError {
  return new CelRuntimeError(
    `error during formatting: ${clause} clause can only be used on numbers, was given ${typeNameOf(value)}`,
  );
}

function real(value: CelValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof CelUint) return Number(value.value);
  throw wrongType('fixed-point', value);
}

function hex(value: CelValue, upper: boolean): string {
  let text: string;
  if (typeof value === 'string') text = Buffer.from(value).toString('hex');
  else if (value instanceof Uint8Array) text = Buffer.from(value).toString('hex');
  else text = integer(value).toString(16);
  return upper ? text.toUpperCase() : text;
}

/** As many as a double is printed with. */
const mostDigits = 100;

function exponent(value: number, precision: number): string {
  return value.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** `'%d of %s'.format([1, 'x'])`. @throws CelRuntimeError */
export function formatText(template: string, args: readonly CelValue[]): string {
  let next = 0;
  return template.replace(
    /%(?:%|(?:\.(\d+))?([a-zA-Z])|$)/g,
    (clause, precision: string | undefined, verb: string) => {
      if (clause === '%%') return '%';
      const value = args[next++];
      if (value === undefined) throw new CelRuntimeError(`index ${next - 1} out of range`);
      const digits = precision === undefined ? 6 : Number(precision);
      if (digits > mostDigits)
        throw new CelRuntimeError(`could not parse formatting clause: precision ${precision} is too large`);
      switch (verb) {
        case 's':
          return plain(value);
        case 'd':
          return typeof value === 'number' ? plain(value) : integer(value).toString();
        case 'f':
          return real(value).toFixed(digits);
        case 'e':
          return exponent(real(value), digits);
        case 'b':
          return typeof value === 'boolean' ? (value ? '1' : '0') : integer(value).toString(2);
        case 'x':
          return hex(value, false);
        case 'X':
          return hex(value, true);
        case 'o':
          return integer(value).toString(8);
        default:
          throw new CelRuntimeError(
            `could not parse formatting clause: unrecognized formatting clause ${JSON.stringify(verb)}`,
          );
      }
    },
  );
}
