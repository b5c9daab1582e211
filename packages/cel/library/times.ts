import { zoneOffset } from '@coxswain/machinery';
import type { FunctionTable } from '../functions.ts';
import { CelRuntimeError } from '../issue.ts';
import type { CelDuration, CelTimestamp } from '../values.ts';
import { checkedDuration, checkedTimestamp } from './time-text.ts';

const million = 1_000_000n;

/** The wall clock of a zone at a time, as if it were UTC. */
function inZone({ nanos }: CelTimestamp, zone: string): Date {
  const ms = Number(nanos / million);
  if (zone === '' || zone === 'UTC') return new Date(ms);
  const offset = /^([+-])(\d{2}):(\d{2})$/.exec(zone) ?? /^()(\d{2}):(\d{2})$/.exec(zone);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return new Date(ms + (offset[1] === '-' ? -minutes : minutes) * 60_000);
  }
  try {
    return new Date(ms + zoneOffset(zone, ms));
  } catch {
    throw new CelRuntimeError(`unknown time zone ${zone}`);
  }
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000);
}

const parts: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (d) => d.getUTCFullYear(),
  getMonth: (d) => d.getUTCMonth(),
  getDayOfYear: dayOfYear,
  getDayOfMonth: (d) => d.getUTCDate() - 1,
  getDate: (d) => d.getUTCDate(),
  getDayOfWeek: (d) => d.getUTCDay(),
  getHours: (d) => d.getUTCHours(),
  getMinutes: (d) => d.getUTCMinutes(),
  getSeconds: (d) => d.getUTCSeconds(),
  getMilliseconds: (d) => d.getUTCMilliseconds(),
};

const wholes: Readonly<Record<string, bigint>> = {
  getHours: 3_600_000n * million,
  getMinutes: 60_000n * million,
  getSeconds: 1000n * million,
  getMilliseconds: million,
};

/** Sums of times and what they are made of. */
export function addTimes(table: FunctionTable): void {
  table
    .fn('_+_', 'duration, duration -> duration', (a: CelDuration, b: CelDuration) =>
      checkedDuration(a.nanos + b.nanos),
    )
    .fn('_+_', 'timestamp, duration -> timestamp', (a: CelTimestamp, b: CelDuration) =>
      checkedTimestamp(a.nanos + b.nanos),
    )
    .fn('_+_', 'duration, timestamp -> timestamp', (a: CelDuration, b: CelTimestamp) =>
      checkedTimestamp(a.nanos + b.nanos),
    )
    .fn('_-_', 'duration, duration -> duration', (a: CelDuration, b: CelDuration) =>
      checkedDuration(a.nanos - b.nanos),
    )
    .fn('_-_', 'timestamp, duration -> timestamp', (a: CelTimestamp, b: CelDuration) =>
      checkedTimestamp(a.nanos - b.nanos),
    )
    .fn('_-_', 'timestamp, timestamp -> duration', (a: CelTimestamp, b: CelTimestamp) =>
      checkedDuration(a.nanos - b.nanos),
    );
  for (const [name, part] of Object.entries(parts)) {
    table.method(name, 'timestamp -> int', (t: CelTimestamp) => BigInt(part(inZone(t, ''))));
    table.method(name, 'timestamp, string -> int', (t: CelTimestamp, zone: string) =>
      BigInt(part(inZone(t, zone))),
    );
  }
  for (const [name, unit] of Object.entries(wholes)) {
    table.method(name, 'duration -> int', (d: CelDuration) => d.nanos / unit);
  }
}
