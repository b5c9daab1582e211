import { goFloat, goQuote } from '@coxswain/machinery';
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
import { clausesOf, type FormatClause, wrongArgument } from './format-clause.ts';
import { durationText, timestampText } from './time-text.ts';

const defaultDigits = 6;

/** A value as `%s` shows it. @throws CelRuntimeError for what is not shown */
function plain(value: CelValue): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return goFloat(value);
  if (value instanceof CelUint) return String(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof CelTimestamp) return timestampText(value);
  if (value instanceof CelDuration) return durationText(value);
  if (value instanceof CelTypeName) return value.name;
  if (isList(value)) return `[${value.map(literal).join(', ')}]`;
  if (isMap(value)) return mapText(value.keys().map((key) => [key, value.get(key) as CelValue]));
  throw new CelRuntimeError(`no formatting function for ${typeNameOf(value)}`);
}

function mapText(entries: readonly (readonly [CelValue, CelValue])[]): string {
  const texts = entries.map(([key, value]) => `${literal(key)}:${literal(value)}`);
  return `{${texts.sort().join(', ')}}`;
}

/** A value in a list or a map: as an expression would write it. */
function literal(value: CelValue): string {
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number')
    return Number.isFinite(value) ? value.toFixed(defaultDigits) : `"${goFloat(value)}"`;
  if (value instanceof Uint8Array) return `b${goQuote(plain(value))}`;
  if (value instanceof CelTimestamp) return `timestamp(${goQuote(plain(value))})`;
  if (value instanceof CelDuration) return `duration(${goQuote(plain(value))})`;
  return plain(value);
}

const integer = (value: CelValue): bigint => (value instanceof CelUint ? value.value : (value as bigint));

const namedNumbers: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** A double, or the name of one that is no number. */
function real(value: CelValue): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && Object.hasOwn(namedNumbers, value) ? namedNumbers[value] : undefined;
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** As English prints it, with all its digits and in groups of three. */
function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return localName(value);
  const [whole = '', fraction] = value.toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function scientific(value: number, digits: number): string {
  if (!Number.isFinite(value)) return localName(value);
  const [mantissa = '', exponent = ''] = value.toExponential(digits).split('e');
  const size = exponent.slice(1).padStart(2, '0');
  const raised = [...size].map((digit) => superscripts[Number(digit)]).join('');
  return `${mantissa}×10${exponent.startsWith('-') ? '⁻' : ''}${raised}`;
}

function localName(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value < 0 ? '-∞' : '∞';
}

function hex(value: CelValue): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : integer(value).toString(16);
}

function shown(value: CelValue, { verb, digits }: FormatClause): string {
  const wrong = wrongArgument(verb, isMap(value) ? 'map' : typeNameOf(value));
  if (wrong !== undefined) throw new CelRuntimeError(`error during formatting: ${wrong}`);
  switch (verb) {
    case 's':
      return plain(value);
    case 'd':
      return String(integer(value));
    case 'b':
      return typeof value === 'boolean' ? (value ? '1' : '0') : integer(value).toString(2);
    case 'o':
      return integer(value).toString(8);
    case 'x':
      return hex(value);
    case 'X':
      return hex(value).toUpperCase();
    default: {
      const number = real(value);
      if (number === undefined) {
        const rule = verb === 'f' ? 'fixed-point' : 'scientific';
        const text = `${rule} clause can only be used on doubles, was given ${typeNameOf(value)}`;
        throw new CelRuntimeError(`error during formatting: ${text}`);
      }
      return verb === 'f' ? fixed(number, digits) : scientific(number, digits);
    }
  }
}

/** `'%d of %s'.format([1, 'x'])`. @throws CelRuntimeError */
export function formatText(template: string, args: readonly CelValue[]): string {
  let next = 0;
  let text = '';
  for (const clause of clausesOf(template)) {
    if (typeof clause === 'string') text += clause;
    else {
      const value = args[next];
      if (value === undefined) throw new CelRuntimeError(`index ${next} out of range`);
      next++;
      text += shown(value, clause);
    }
  }
  return text;
}
