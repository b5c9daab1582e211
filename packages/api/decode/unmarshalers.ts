import {
  canonicalQuantity,
  formatGoDuration,
  GoDurationError,
  type Int64,
  int64,
  isInt64,
  parseGoDuration,
  QuantityParseError,
  writeJson,
} from '@coxswain/machinery';
import { DecodeError, jsonKind, misfitError, numberShown } from './decode-error.ts';
import { TimeParseError } from './go-time.ts';
import { isJsonNumber, type JsonNumber, NumberLiteral } from './json-parser.ts';

// Types that read themselves. Their errors end the decoding at once, before any that was only noted.

/** A number as Go's integer type has it; undefined where it is none or too large. */
export function integerOf(value: JsonNumber, type: 'int32'): number | undefined;
export function integerOf(value: JsonNumber, type: 'int32' | 'int64'): Int64 | undefined;
export function integerOf(value: JsonNumber, type: 'int32' | 'int64'): Int64 | undefined {
  const integer = value instanceof NumberLiteral ? int64(value.text) : isInt64(value) ? value : undefined;
  if (integer === undefined || type === 'int64') return integer;
  return integer >= -(2 ** 31) && integer < 2 ** 31 ? integer : undefined;
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
    value instanceof NumberLiteral ? value.text : typeof value === 'string' ? value.trim() : writeJson(value);
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
  if (!isJsonNumber(value)) throw misfitError(jsonKind(value), 'int32');
  const integer = integerOf(value, 'int32');
  if (integer === undefined) throw misfitError(numberShown(value), 'int32');
  return integer;
}
