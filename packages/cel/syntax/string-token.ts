import type { Token } from './lexer.ts';

/**
 * What begins at an offset as a string or bytes: the token; or where it turned out to be none, with the shorter token
 * that its beginning is by itself.
 */
export type StringRead =
  | { readonly token: Token }
  | { readonly failedAt: number; readonly shorter?: Token | undefined };

const start = /([bB]?)([rR]?)("""|'''|"|')/y;

/** Reads a string or bytes, of which there is at least a quote after a prefix. */
export function readString(source: string, at: number): StringRead {
  start.lastIndex = at;
  const [opening, prefix, raw, quote] = start.exec(source) as unknown as [string, string, string, string];
  const read = readBody(source, at + opening.length, quote, raw !== '', prefix !== '');
  if ('failedAt' in read) {
    return { failedAt: read.failedAt, shorter: shorterToken(source, at, `${prefix}${raw}`, quote) };
  }
  const end = read.end + quote.length;
  if (prefix === '') return { token: { type: 'STRING', text: read.text, at, end } };
  return { token: { type: 'BYTES', text: read.text, at, end, bytes: Uint8Array.from(read.octets) } };
}

function shorterToken(source: string, at: number, prefix: string, quote: string): Token | undefined {
  const end = at + prefix.length;
  if (quote.length === 3) {
    const isBytes = /^[bB]/.test(prefix);
    const empty = { text: '', at, end: end + 2 };
    return isBytes ? { type: 'BYTES', ...empty, bytes: new Uint8Array() } : { type: 'STRING', ...empty };
  }
  return prefix === '' ? undefined : { type: 'IDENTIFIER', text: source.slice(at, end), at, end };
}

type Body =
  | { readonly text: string; readonly octets: readonly number[]; readonly end: number }
  | { readonly failedAt: number };

function readBody(source: string, from: number, quote: string, raw: boolean, isBytes: boolean): Body {
  let at = from;
  let text = '';
  const octets: number[] = [];
  const push = (chunk: string): void => {
    text += chunk;
    if (isBytes) octets.push(...new TextEncoder().encode(chunk));
  };
  for (;;) {
    if (at >= source.length) return { failedAt: source.length };
    if (source.startsWith(quote, at)) return { text, octets, end: at };
    const char = String.fromCodePoint(source.codePointAt(at) as number);
    if (quote.length === 1 && (char === '\n' || char === '\r')) return { failedAt: at };
    if (char === '\\' && !raw) {
      const read = readEscape(source, at);
      if ('failedAt' in read) return read;
      if (isBytes && read.octet) octets.push(read.code);
      else push(String.fromCodePoint(read.code));
      at = read.end;
      continue;
    }
    push(char);
    at += char.length;
  }
}

const escapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  '?': 63,
  '"': 34,
  "'": 39,
  '`': 96,
};

/** How many digits of which kind follow the letter of an escape. */
const digitsAfter: Readonly<Record<string, number>> = { x: 2, X: 2, u: 4, U: 8 };

type Escape =
  | { readonly code: number; readonly end: number; readonly octet: boolean }
  | { readonly failedAt: number };

function readEscape(source: string, at: number): Escape {
  const next = source[at + 1] ?? '';
  const simple = escapes[next];
  if (simple !== undefined) return { code: simple, end: at + 2, octet: false };
  const hex = digitsAfter[next];
  if (hex !== undefined) {
    const code = readDigits(source, at + 2, hex, /[0-9a-fA-F]/, 16);
    return 'failedAt' in code ? code : { ...code, octet: hex === 2 };
  }
  if (!/[0-3]/.test(next)) return { failedAt: at + 1 };
  const code = readDigits(source, at + 1, 3, /[0-7]/, 8);
  return 'failedAt' in code ? code : { ...code, octet: true };
}

function readDigits(
  source: string,
  from: number,
  count: number,
  digit: RegExp,
  base: number,
): { readonly code: number; readonly end: number } | { readonly failedAt: number } {
  for (let at = from; at < from + count; at++) if (!digit.test(source[at] ?? '')) return { failedAt: at };
  return { code: Number.parseInt(source.slice(from, from + count), base), end: from + count };
}
