import { CelRuntimeError } from '../issue.ts';
import { CelDuration, CelTimestamp } from '../values.ts';

const second = 1_000_000_000n;
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3600n * second,
};

/** The first second of the year 1 and the last one of 9999. */
const firstSecond = -62_135_596_800n;
const lastSecond = 253_402_300_799n;

/** @throws CelRuntimeError for what no timestamp can be */
export function checkedTimestamp(nanos: bigint): CelTimestamp {
  if (nanos < firstSecond * second || nanos >= (lastSecond + 1n) * second) {
    throw new CelRuntimeError('timestamp overflow');
  }
  return new CelTimestamp(nanos);
}

/** @throws CelRuntimeError for more nanoseconds than 64 bits count */
export function checkedDuration(nanos: bigint): CelDuration {
  if (BigInt.asIntN(64, nanos) !== nanos) throw new CelRuntimeError('duration overflow');
  return new CelDuration(nanos);
}

/** Go's time.ParseDuration. @throws CelRuntimeError */
export function parseDuration(text: string): CelDuration {
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.exec(text);
  if (match === null && !/^[+-]?0$/.test(text)) {
    throw new CelRuntimeError(`type conversion error from 'string' to 'google.protobuf.Duration'`);
  }
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = 's'] of text.matchAll(
    /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    const size = units[unit] as bigint;
    nanos += BigInt(whole === '' ? 0 : whole) * size;
    if (fraction !== '') nanos += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
  }
  return checkedDuration(text.startsWith('-') ? -nanos : nanos);
}

/** RFC 3339 with up to nine decimals. @throws CelRuntimeError */
export function parseTimestamp(text: string): CelTimestamp {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/.exec(text);
  const ms = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`);
  if (match === null || Number.isNaN(ms)) {
    throw new CelRuntimeError(`type conversion error from 'string' to 'google.protobuf.Timestamp'`);
  }
  return checkedTimestamp(BigInt(ms) * 1_000_000n + BigInt((match[2] ?? '').padEnd(9, '0')));
}

function fractionText(nanos: bigint): string {
  return nanos === 0n ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
}

export function timestampText({ nanos }: CelTimestamp): string {
  const part = ((nanos % second) + second) % second;
  const ms = Number((nanos - part) / 1_000_000n);
  return `${new Date(ms).toISOString().slice(0, 19)}${fractionText(part)}Z`;
}

/** Seconds, as protobuf's JSON writes durations. */
export function durationText({ nanos }: CelDuration): string {
  const size = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? '-' : ''}${size / second}${fractionText(size % second)}s`;
}
