import {
  canonicalQuantity,
  formatGoDuration,
  GoDurationError,
  parseGoDuration,
  QuantityParseError,
} from '@coxswain/machinery';
import { DecodeError, jsonKind, misfitError, numberShown } from './decode-error.ts';
import { TimeParseError } from './go-time.ts';
import { NumberLiteral } from './json-parser.ts';

// Types that read themselves. Their errors end the decoding at once, before any that was only noted.

const bounds = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/** A number as Go's integer type has it; undefined where it is none or too large. */
export function integerOf(value: number | NumberLiteral, type: 'int32' | 'int64'): number | undefined {
  const [min, max] = bounds[type];
  if (typeof value === 'number')
    return Number.isInteger(value) && value >= min && value <= max ? value : undefined;
  if (!/^-?\d+$/.test(value.text)) return undefined;
  const exact = BigInt(value.text);
  return exact >= min && exact <= max ? Number(exact) : undefined;
}

/** @throws DecodeError where the value is no text, or `normalize` takes it for no time */
export function goTime(value: unknown, normalize: (text: string) => string): string {
  if (typeof value !== 'string') throw misfitError(jsonKind(value), 'string');
  try {
    return normalize(value);
  } catch (cause) {
    if (cause instanceof TimeParseError) throw new DecodeError(cause.message, { cause });
    throw cause;
  }
}

/** @throws DecodeError where the value is no text, or one that is no duration */
export function duration(value: unknown): string {
  if (typeof value !== 'string' && value !== null) throw misfitError(jsonKind(value), 'string');
  try {
    return formatGoDuration(parseGoDuration(value ?? ''));
  } catch (cause) {
    if (cause instanceof GoDurationError) throw new DecodeError(cause.message, { cause });
    throw cause;
  }
}

/** @throws DecodeError */
export function quantity(value: unknown): string {
  const text =
    value instanceof NumberLiteral
      ? value.text
      : typeof value === 'string'
        ? value.trim()
        : JSON.stringify(value);
  try {
    return canonicalQuantity(text);
  } catch (cause) {
    if (cause instanceof QuantityParseError) throw new DecodeError(cause.message, { cause });
    throw cause;
  }
}

/** @throws DecodeError */
export function intOrString(value: unknown): string | number {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'number' && !(value instanceof NumberLiteral))
    throw misfitError(jsonKind(value), 'int32');
  const integer = integerOf(value, 'int32');
  if (integer === undefined) throw misfitError(numberShown(value), 'int32');
  return integer;
}
