import { goQuote } from '@coxswain/machinery';

/** A text that is no time in the layout; the message is Go's. */
export class TimeParseError extends Error {
  override readonly name = 'TimeParseError';
  readonly code = 'ERR_TIME_PARSE';
}

const rfc3339 = '2006-01-02T15:04:05Z07:00';
const rfc3339Micro = '2006-01-02T15:04:05.000000Z07:00';

/** What most times look like: valid, in UTC and without a fraction; February's last days are left to the parser. */
const dayAndTime =
  '\\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)' +
  'T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d';
const printed = new RegExp(`^${dayAndTime}Z$`);
const printedMicro = new RegExp(`^${dayAndTime}\\.\\d{6}Z$`);

/** Parses RFC 3339 as Go's `time.Parse` does and prints it in UTC with whole seconds, as metav1.Time does. */
export function normalizeTime(text: string): string {
  if (printed.test(text)) return text;
  const { seconds } = parse(text, rfc3339);
  return `${printSeconds(seconds)}Z`;
}

/** The same for metav1.MicroTime: exactly six decimals come in, and six go out. */
export function normalizeMicroTime(text: string): string {
  if (printedMicro.test(text)) return text;
  const { seconds, nanos } = parse(text, rfc3339Micro);
  const micros = Math.floor(nanos / 1000);
  return `${printSeconds(seconds)}.${String(micros).padStart(6, '0')}Z`;
}

function printSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

interface Element {
  /** As the layout writes it, for the error text. */
  readonly layout: string;
  readonly pattern: RegExp;
}

const number = (layout: string, digits = 2): Element => ({
  layout,
  pattern: new RegExp(`^\\d{${digits}}`),
});

const common: readonly Element[] = [
  number('2006', 4),
  { layout: '-', pattern: /^-/ },
  number('01'),
  { layout: '-', pattern: /^-/ },
  number('02'),
  { layout: 'T', pattern: /^T/ },
  number('15'),
  { layout: ':', pattern: /^:/ },
  number('04'),
  { layout: ':', pattern: /^:/ },
  number('05'),
];
const zone: Element = { layout: 'Z07:00', pattern: /^(?:Z|[+-]\d{2}:\d{2})/ };

const elementsOf: Readonly<Record<string, readonly Element[]>> = {
  // Go takes a fraction after the seconds even where the layout has none.
  [rfc3339]: [...common, { layout: '', pattern: /^(?:[.,]\d+)?/ }, zone],
  [rfc3339Micro]: [...common, { layout: '.000000', pattern: /^\.\d{6}(?!\d)/ }, zone],
};

function parse(text: string, layout: string): { seconds: number; nanos: number } {
  const head = `parsing time ${goQuote(text)} as ${goQuote(layout)}: `;
  const parts: string[] = [];
  let rest = text;
  for (const element of elementsOf[layout] as readonly Element[]) {
    const match = element.pattern.exec(rest);
    if (!match) {
      throw new TimeParseError(`${head}cannot parse ${goQuote(rest)} as ${goQuote(element.layout)}`);
    }
    parts.push(match[0]);
    rest = rest.slice(match[0].length);
    checkRange(text, parts);
  }
  if (rest !== '') throw new TimeParseError(`parsing time ${goQuote(text)}: extra text: ${goQuote(rest)}`);
  const [year = 0, , month = 0, , day = 0, , hour = 0, , minute = 0, , second = 0] = parts.map(Number);
  if (day < 1 || day > new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate()) {
    throw new TimeParseError(`parsing time ${goQuote(text)}: day out of range`);
  }
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const fraction = (parts[11] ?? '').slice(1, 10).padEnd(9, '0');
  return { seconds: date.getTime() / 1000 - offsetSeconds(parts[12] ?? 'Z'), nanos: Number(fraction) };
}

const ranges: ReadonlyMap<number, readonly [name: string, min: number, max: number]> = new Map([
  [3, ['month', 1, 12]],
  [7, ['hour', 0, 23]],
  [9, ['minute', 0, 59]],
  [11, ['second', 0, 59]],
]);

function checkRange(text: string, parts: readonly string[]): void {
  const range = ranges.get(parts.length);
  if (range === undefined) return;
  const value = Number(parts.at(-1));
  if (value < range[1] || value > range[2]) {
    throw new TimeParseError(`parsing time ${goQuote(text)}: ${range[0]} out of range`);
  }
}

function offsetSeconds(text: string): number {
  if (text === 'Z') return 0;
  const seconds = Number(text.slice(1, 3)) * 3600 + Number(text.slice(4, 6)) * 60;
  return text.startsWith('-') ? -seconds : seconds;
}
