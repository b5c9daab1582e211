const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

/** RFC 3339's full-date. */
export function isDate(value: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  if (match === null) return false;
  const [, year, month, day] = match.map(Number) as [number, number, number, number];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

const timeOfDay = /^(\d{2}):(\d{2}):(\d{2})(?:.\d+)?(?:z|[+-]\d{2}:\d{2})$/i;

/** RFC 3339's date-time. */
export function isDateTime(value: string): boolean {
  const [date = '', time = ''] = value.split(/t/i);
  const match = timeOfDay.exec(time);
  if (match === null || !isDate(date)) return false;
  const [, hour, minute, second] = match.map(Number) as [number, number, number, number];
  return hour < 24 && minute < 60 && second < 60;
}

const goDuration = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const namedUnits = /\d+\s*([A-Za-zµ]+)/g;
/** Abbreviations of units, and what the names of the units begin with. */
const abbreviations: ReadonlySet<string> = new Set('ns us µs ms s m h hr d w wk'.split(' '));
const unitNames = ['nano', 'micro', 'milli', 'sec', 'min', 'hour', 'day', 'week'];

/** A duration as Go writes it, or one that names at least one unit, such as `3 days`. */
export function isDuration(value: string): boolean {
  if (goDuration.test(value)) return true;
  return [...value.matchAll(namedUnits)].some(([, unit]) => {
    const name = (unit as string).toLowerCase();
    return abbreviations.has(name) || unitNames.some((prefix) => name.startsWith(prefix));
  });
}
