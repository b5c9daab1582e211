import { GoDurationError, isTimeZone, parseGoDuration } from '@coxswain/machinery';
import { startOfDay, type WallTime, wallTime } from './wall-time.ts';

const minute = 60_000;
/** A schedule without a moment in so many years has none at all, as 31 February. */
const horizonYears = 5;

/** When a CronJob's jobs are due. */
export interface Schedule {
  /** The first moment after this one, ms; undefined: there is none. */
  next(after: number): number | undefined;
}

/** A schedule that cannot be read; the message is for an event. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
  readonly code: 'UNPARSEABLE_SCHEDULE' | 'UNKNOWN_TIME_ZONE';

  constructor(code: ScheduleError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const descriptors: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const days = 'sun mon tue wed thu fri sat'.split(' ');

/** The values that a field of a schedule holds. */
interface Field {
  readonly values: ReadonlySet<number>;
  /** Stood as `*`: it asks for nothing. */
  readonly any: boolean;
}

/** Reads a schedule of cron, with upstream's descriptors and time zones. Throws `ScheduleError`. */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  let spec = text.trim();
  let zone = timeZone ?? 'UTC';
  const prefix = /^(?:CRON_)?TZ=(\S*)\s+/.exec(spec);
  if (prefix) {
    zone = prefix[1] as string;
    spec = spec.slice(prefix[0].length);
  }
  if (!isTimeZone(zone)) throw new ScheduleError('UNKNOWN_TIME_ZONE', `unknown time zone ${zone}`);
  if (spec.startsWith('@every ')) return everySchedule(spec.slice('@every '.length));
  const fields = (descriptors[spec] ?? spec).split(/\s+/);
  if (spec.startsWith('@') && !(spec in descriptors))
    throw new ScheduleError('UNPARSEABLE_SCHEDULE', `unrecognized descriptor: ${spec}`);
  if (fields.length !== 5) {
    const shown = `found ${fields.length}: [${fields.join(' ')}]`;
    throw new ScheduleError('UNPARSEABLE_SCHEDULE', `expected exactly 5 fields, ${shown}`);
  }
  const [minutes, hours, monthDays, monthField, weekDays] = [
    parseField(fields[0] as string, 0, 59),
    parseField(fields[1] as string, 0, 23),
    parseField(fields[2] as string, 1, 31),
    parseField(fields[3] as string, 1, 12, months),
    parseField(fields[4] as string, 0, 6, days),
  ];
  return {
    next: (after) => nextMoment({ minutes, hours, monthDays, months: monthField, weekDays, zone }, after),
  };
}

function everySchedule(text: string): Schedule {
  const delay = Math.max(1000, Math.floor(intervalOf(text) / 1000) * 1000);
  return { next: (after) => Math.floor(after / 1000) * 1000 + delay };
}

function intervalOf(text: string): number {
  try {
    return parseGoDuration(text);
  } catch (error) {
    if (!(error instanceof GoDurationError)) throw error;
    throw new ScheduleError(
      'UNPARSEABLE_SCHEDULE',
      `failed to parse duration @every ${text}: ${error.message}`,
    );
  }
}

function parseField(text: string, min: number, max: number, names: readonly string[] = []): Field {
  const values = new Set<number>();
  let any = false;
  const bad = (): never => {
    throw new ScheduleError('UNPARSEABLE_SCHEDULE', `failed to parse ${text}`);
  };
  const number = (part: string): number => {
    const named = names.indexOf(part.toLowerCase());
    if (named >= 0) return named + min;
    return /^\d+$/.test(part) ? Number(part) : bad();
  };
  for (const expression of text.split(',')) {
    const [range = '', stepText, ...more] = expression.split('/');
    if (more.length > 0) bad();
    const step = stepText === undefined ? 1 : number(stepText);
    let [start, end] = [min, max];
    if (range === '*' || range === '?') any ||= step === 1;
    else {
      const [low = '', high, ...others] = range.split('-');
      if (others.length > 0) bad();
      start = number(low);
      end = high === undefined ? (stepText === undefined ? start : max) : number(high);
    }
    if (start < min || end > max || start > end || step === 0) bad();
    for (let value = start; value <= end; value += step) values.add(value);
  }
  return { values, any };
}

interface CronFields {
  readonly minutes: Field;
  readonly hours: Field;
  readonly monthDays: Field;
  readonly months: Field;
  readonly weekDays: Field;
  readonly zone: string;
}

function nextMoment(fields: CronFields, after: number): number | undefined {
  const { zone } = fields;
  let at = (Math.floor(after / minute) + 1) * minute;
  const lastYear = wallTime(zone, at).year + horizonYears;
  for (;;) {
    const wall = wallTime(zone, at);
    if (wall.year > lastYear) return undefined;
    if (!fields.months.values.has(wall.month)) at = later(at, startOfDay(zone, wall.year, wall.month + 1, 1));
    else if (!isDay(fields, wall)) at = later(at, startOfDay(zone, wall.year, wall.month, wall.day + 1));
    else if (!fields.hours.values.has(wall.hour)) at += (60 - wall.minute) * minute;
    else if (!fields.minutes.values.has(wall.minute)) at += minute;
    else return at;
  }
}

/** Time only goes on, whatever the clocks of the zone do. */
function later(at: number, wanted: number): number {
  return wanted > at ? wanted : at + 60 * minute;
}

/** Day of month and day of week: where both are asked for, one of them is enough. */
function isDay({ monthDays, weekDays }: CronFields, { day, weekday }: WallTime): boolean {
  const [byMonth, byWeek] = [monthDays.values.has(day), weekDays.values.has(weekday)];
  return monthDays.any || weekDays.any ? byMonth && byWeek : byMonth || byWeek;
}
