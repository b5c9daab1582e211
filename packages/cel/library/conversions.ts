import { goFloat } from '@coxswain/machinery';
import type { FunctionTable } from '../functions.ts';
import { CelRuntimeError } from '../issue.ts';
import type { CelDuration, CelTimestamp, CelUint } from '../values.ts';
import { checkedInt, checkedUint } from './integers.ts';
import { checkedTimestamp, durationText, parseDuration, parseTimestamp, timestampText } from './time-text.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function fromDouble(value: number): bigint {
  if (!Number.isFinite(value)) throw new CelRuntimeError('integer overflow');
  return BigInt(Math.trunc(value));
}

function parseInteger(text: string, what: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new CelRuntimeError(`type conversion error from 'string' to '${what}'`);
  }
  return BigInt(text.replace(/^\+/, ''));
}

const namedDoubles: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
};

/** A number as Go reads it; undefined for what is none. */
function parseDouble(text: string): number | undefined {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const name = rest.toLowerCase();
  const named = Object.hasOwn(namedDoubles, name) ? namedDoubles[name] : undefined;
  if (named !== undefined) {
    if (Number.isNaN(named) && sign !== '') return undefined;
    return sign === '-' ? -named : named;
  }
  if (!/^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(rest)) return undefined;
  const value = Number(rest);
  return sign === '-' ? -value : value;
}

const booleans: Readonly<Record<string, boolean>> = {
  '1': true,
  t: true,
  T: true,
  TRUE: true,
  true: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  FALSE: false,
  false: false,
  False: false,
};

/** Functions named like types. */
export function addConversions(table: FunctionTable): void {
  table
    .fn('int', 'int -> int', (a: bigint) => a)
    .fn('int', 'uint -> int', (a: CelUint) => checkedInt(a.value))
    .fn('int', 'double -> int', (a: number) => checkedInt(fromDouble(a)))
    .fn('int', 'string -> int', (a: string) => checkedInt(parseInteger(a, 'int')))
    .fn('int', 'timestamp -> int', (a: CelTimestamp) => a.nanos / 1_000_000_000n)
    .fn('int', 'duration -> int', (a: CelDuration) => a.nanos)
    .fn('uint', 'uint -> uint', (a: CelUint) => a)
    .fn('uint', 'int -> uint', (a: bigint) => checkedUint(a))
    .fn('uint', 'double -> uint', (a: number) => checkedUint(fromDouble(a)))
    .fn('uint', 'string -> uint', (a: string) => checkedUint(parseInteger(a, 'uint')))
    .fn('double', 'double -> double', (a: number) => a)
    .fn('double', 'int -> double', (a: bigint) => Number(a))
    .fn('double', 'uint -> double', (a: CelUint) => Number(a.value))
    .fn('double', 'string -> double', (a: string) => {
      const value = parseDouble(a);
      if (value === undefined) {
        throw new CelRuntimeError(`type conversion error from 'string' to 'double'`);
      }
      return value;
    })
    .fn('string', 'string -> string', (a: string) => a)
    .fn('string', 'bool -> string', (a: boolean) => String(a))
    .fn('string', 'int -> string', (a: bigint) => String(a))
    .fn('string', 'uint -> string', (a: CelUint) => String(a.value))
    .fn('string', 'double -> string', goFloat)
    .fn('string', 'bytes -> string', (a: Uint8Array) => {
      try {
        return utf8.decode(a);
      } catch {
        throw new CelRuntimeError('invalid UTF-8 in bytes, cannot convert to string');
      }
    })
    .fn('string', 'timestamp -> string', timestampText)
    .fn('string', 'duration -> string', durationText)
    .fn('bytes', 'bytes -> bytes', (a: Uint8Array) => a)
    .fn('bytes', 'string -> bytes', (a: string) => new TextEncoder().encode(a))
    .fn('bool', 'bool -> bool', (a: boolean) => a)
    .fn('bool', 'string -> bool', (a: string) => {
      const value = Object.hasOwn(booleans, a) ? booleans[a] : undefined;
      if (value === undefined) throw new CelRuntimeError(`type conversion error from 'string' to 'bool'`);
      return value;
    })
    .fn('timestamp', 'timestamp -> timestamp', (a: CelTimestamp) => a)
    .fn('timestamp', 'int -> timestamp', (a: bigint) => checkedTimestamp(a * 1_000_000_000n))
    .fn('timestamp', 'string -> timestamp', parseTimestamp)
    .fn('duration', 'duration -> duration', (a: CelDuration) => a)
    .fn('duration', 'string -> duration', parseDuration);
}
