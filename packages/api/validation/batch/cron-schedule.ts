import { GoDurationError, parseGoDuration } from '@coxswain/machinery';
import { isKnownTimeZone } from './time-zone.ts';

/** What is wrong with a cron schedule in robfig/cron's words; absent when it can be parsed. */
export function cronScheduleProblem(schedule: string): string | undefined {
  try {
    parse(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof ScheduleError) return error.message;
    throw error;
  }
}

class ScheduleError extends Error {}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names: Readonly<Record<string, number>>;
}

function named(min: number, ...names: string[]): Record<string, number> {
  return Object.fromEntries(names.map((name, i) => [name, min + i]));
}

const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const days = 'sun mon tue wed thu fri sat'.split(' ');
const fields: readonly Bounds[] = [
  { min: 0, max: 59, names: {} },
  { min: 0, max: 23, names: {} },
  { min: 1, max: 31, names: {} },
  { min: 1, max: 12, names: named(1, ...months) },
  { min: 0, max: 6, names: named(0, ...days) },
];
const descriptors = new Set([
  '@yearly',
  '@annually',
  '@monthly',
  '@weekly',
  '@daily',
  '@midnight',
  '@hourly',
]);

function parse(text: string): void {
  let spec = text;
  if (spec === '') throw new ScheduleError('empty spec string');
  const zone = /^(?:CRON_)?TZ=(\S*)\s*/.exec(spec);
  if (zone !== null) {
    const name = zone[1]!;
    if (name !== '' && name !== 'Local' && !isKnownTimeZone(name)) {
      throw new ScheduleError(`provided bad location ${name}: unknown time zone ${name}`);
    }
    spec = spec.slice(zone[0].length).trim();
  }
  if (spec.startsWith('@')) {
    if (descriptors.has(spec)) return;
    if (spec.startsWith('@every ')) {
      checkInterval(spec);
      return;
    }
    throw new ScheduleError(`unrecognized descriptor: ${spec}`);
  }
  const parts = spec.split(/\s+/).filter((part) => part !== '');
  if (parts.length !== fields.length) {
    const shown = `[${parts.join(' ')}]`;
    throw new ScheduleError(`expected exactly 5 fields, found ${parts.length}: ${shown}`);
  }
  parts.forEach((part, i) => {
    for (const range of part.split(',').filter((one) => one !== '')) parseRange(range, fields[i]!);
  });
}

function checkInterval(spec: string): void {
  try {
    parseGoDuration(spec.slice('@every '.length));
  } catch (error) {
    if (!(error instanceof GoDurationError)) throw error;
    throw new ScheduleError(`failed to parse duration ${spec}: ${error.message}`);
  }
}

function parseRange(expression: string, bounds: Bounds): void {
  const rangeAndStep = expression.split('/');
  const lowAndHigh = rangeAndStep[0]!.split('-');
  let start: number;
  let end: number;
  if (lowAndHigh[0] === '*' || lowAndHigh[0] === '?') {
    start = bounds.min;
    end = bounds.max;
  } else {
    start = parseIntOrName(lowAndHigh[0]!, bounds.names);
    if (lowAndHigh.length > 2) throw new ScheduleError(`too many hyphens: ${expression}`);
    end = lowAndHigh.length === 2 ? parseIntOrName(lowAndHigh[1]!, bounds.names) : start;
  }
  let step = 1;
  if (rangeAndStep.length > 2) throw new ScheduleError(`too many slashes: ${expression}`);
  if (rangeAndStep.length === 2) {
    step = mustParseInt(rangeAndStep[1]!);
    if (lowAndHigh.length === 1) end = bounds.max;
  }
  if (start < bounds.min) {
    throw new ScheduleError(`beginning of range (${start}) below minimum (${bounds.min}): ${expression}`);
  }
  if (end > bounds.max) {
    throw new ScheduleError(`end of range (${end}) above maximum (${bounds.max}): ${expression}`);
  }
  if (start > end) {
    throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${expression}`);
  }
  if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${expression}`);
}

function parseIntOrName(text: string, names: Readonly<Record<string, number>>): number {
  const name = text.toLowerCase();
  return Object.hasOwn(names, name) ? names[name]! : mustParseInt(text);
}

function mustParseInt(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    const quoted = JSON.stringify(text);
    throw new ScheduleError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${quoted}: invalid syntax`,
    );
  }
  const value = Number(text);
  if (value < 0) throw new ScheduleError(`negative number (${value}) not allowed: ${text}`);
  return value;
}
