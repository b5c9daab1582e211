const dayMs = 86_400_000;
const maxSeconds = 2 ** 31 - 1;

/** Directives of answers that take nothing after them. */
const alone: ReadonlySet<string> = new Set([
  'must-revalidate',
  'no-store',
  'no-transform',
  'public',
  'proxy-revalidate',
]);
const ages: ReadonlySet<string> = new Set(['max-age', 's-maxage']);
/** Their names of headers go to the end of the header. */
const ofFields: ReadonlySet<string> = new Set(['no-cache', 'private']);

/**
 * Until when what was answered need not be asked for again (RFC 7234, section 4.2), as the library of upstream's
 * issuers reckons: of `Cache-Control` the ages alone count, and without any, a tenth of the age of the document.
 * @param now milliseconds since 1970; given back where the headers say nothing, or nonsense
 */
export function freshUntil(header: (name: string) => string, now: number): number {
  const given = agesOf(header('cache-control'));
  const date = timeOf(header('date'));
  const modified = timeOf(header('last-modified'));
  if (given === undefined || Number.isNaN(date) || Number.isNaN(modified)) return now;
  const age = given.get('s-maxage') ?? given.get('max-age');
  if (age !== undefined) return now + age * 1000;
  const expires = timeOf(header('expires'));
  if (expires !== undefined && !Number.isNaN(expires)) return Math.max(now, now + expires - (date ?? now));
  if (modified === undefined) return now;
  return Math.max(now, now + Math.min((now - modified) * 0.1, dayMs));
}

/** Undefined where the header is malformed. */
function agesOf(text: string): ReadonlyMap<string, number> | undefined {
  const found = new Map<string, number>();
  for (let rest = text.replace(/^[\t ,]+/, ''); rest !== ''; rest = rest.replace(/^[\t ,]+/, '')) {
    const token = (/^.[^\s()<>@,;:\\"/[\]?={}]*/s.exec(rest) as RegExpExecArray)[0];
    const name = token.toLowerCase();
    rest = rest.slice(token.length);
    if (rest.length < 2 || rest[0] !== '=') {
      if (ages.has(name)) return undefined;
      continue;
    }
    const quoted = rest[1] === '"';
    const bare = ofFields.has(name) ? /^=([^\t ]*)/ : /^=([^\t ,]*)/;
    const value = (quoted ? /^="((?:[^"\\]|\\.)*)"/s : bare).exec(rest);
    if (value === null || alone.has(name)) return undefined;
    rest = rest.slice(value[0].length);
    if (!ages.has(name)) continue;
    const seconds = secondsOf(value[1] as string);
    if (seconds === undefined) return undefined;
    found.set(name, seconds);
  }
  return found;
}

/** Go counts as too large what begins with too many digits, whatever follows. */
function secondsOf(text: string): number | undefined {
  const seconds = Number(/^\d*/.exec(text)?.[0]);
  if (seconds >= 2 ** 32) return maxSeconds;
  return /^\d+$/.test(text) ? Math.min(seconds, maxSeconds) : undefined;
}

/** The three forms of dates of HTTP (RFC 9110, section 5.6.7). */
const dateForms: readonly RegExp[] = [
  /^[A-Z][a-z]{2}, (?<day>\d\d) [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]+, (?<day>\d\d)-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} (?<day>[ \d]\d) \d\d:\d\d:\d\d \d{4}$/,
];

/** A date; undefined where there is none, NaN where it is malformed. */
function timeOf(text: string): number | undefined {
  if (text === '') return undefined;
  const day = dateForms.map((form) => form.exec(text)?.groups?.['day']).find((one) => one !== undefined);
  const time = day === undefined ? Number.NaN : Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`);
  return new Date(time).getUTCDate() === Number(day) ? time : Number.NaN;
}
