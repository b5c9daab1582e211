/** Milliseconds per unit; the micro sign and the Greek letter both stand for micro. */
const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  '\u00b5s': 1e-3,
  '\u03bcs': 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** A duration has 64 bits of nanoseconds. */
const longestMs = 2 ** 63 / 1e6;

/** What Go's time package says about a text that is no duration. */
export class GoDurationError extends Error {}

/**
 * Milliseconds of a duration as Go writes it, such as `1h30m`.
 * @throws {GoDurationError}
 */
export function parseGoDuration(text: string): number {
  const refuse = (what: string): never => {
    throw new GoDurationError(`time: ${what}duration ${quoted(text)}`);
  };
  const sign = /^[-+]/.exec(text)?.[0] ?? '';
  let rest = text.slice(sign.length);
  if (rest === '0') return 0;
  if (rest === '') return refuse('invalid ');
  let total = 0;
  while (rest !== '') {
    const number = /^(\d+\.?\d*|\.\d+)/.exec(rest)?.[0];
    if (number === undefined) return refuse('invalid ');
    rest = rest.slice(number.length);
    const unit = /^[^\d.]+/.exec(rest)?.[0];
    if (unit === undefined) return refuse('missing unit in ');
    if (!Object.hasOwn(units, unit)) return refuse(`unknown unit ${quoted(unit)} in `);
    total += Number(number) * units[unit]!;
    if (total >= longestMs) return refuse('invalid ');
    rest = rest.slice(unit.length);
  }
  return sign === '-' ? -total : total;
}

/** Milliseconds as Go writes a duration, no finer than nanoseconds: `75.2µs`, `512ms`, `1m30s`, `1h0m2s`. */
export function formatGoDuration(ms: number): string {
  const sign = ms < 0 ? '-' : '';
  const size = Math.abs(ms);
  if (size < 1e-6) return '0s';
  if (size < 1e-3) return `${sign}${decimals(size * 1e6, 0)}ns`;
  if (size < 1) return `${sign}${decimals(size * 1e3, 3)}µs`;
  if (size < 1000) return `${sign}${decimals(size, 6)}ms`;
  const hours = Math.floor(size / 3_600_000);
  const minutes = Math.floor(size / 60_000) % 60;
  const parts = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : '';
  return `${sign}${parts}${decimals((size % 60_000) / 1000, 9)}s`;
}

function decimals(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** In quotes, with the bytes of whatever is not plain ASCII in hexadecimal. */
function quoted(text: string): string {
  const shown = [...Buffer.from(text, 'utf8')].map((byte) => {
    if (byte < 0x20 || byte >= 0x80) return `\\x${byte.toString(16).padStart(2, '0')}`;
    const char = String.fromCharCode(byte);
    return char === '"' || char === '\\' ? `\\${char}` : char;
  });
  return `"${shown.join('')}"`;
}
