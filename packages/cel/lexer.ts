import type { Issue } from './issue.ts';

export interface Token {
  readonly kind: 'identifier' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'symbol' | 'end';
  /** As written; of strings and bytes what they stand for. */
  readonly text: string;
  readonly at: number;
  readonly bytes?: Uint8Array;
}

/** What stops the lexer. */
export class LexFault extends Error {
  readonly issue: Issue;

  constructor(at: number, message: string) {
    super(message);
    this.issue = { at, message };
  }
}

const blank = /(?:\s|\/\/[^\n]*)+/y;
const identifier = /[A-Za-z_]\w*/y;
const escapedIdentifier = /`[\w./-]+(?:[\w./ -]*[\w./-])?`/y;
const double = /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y;
const integer = /(0x[0-9a-fA-F]+|\d+)([uU]?)/y;
const symbol = /==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()[\]{}=]/y;
const stringStart = /([rRbB]{0,2})("""|'''|"|')/y;

/** Splits a source into tokens. @throws LexFault */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  while (at < source.length) {
    const skipped = match(blank);
    if (skipped !== null) {
      at += skipped[0].length;
      continue;
    }
    const start = at;
    const quote = match(stringStart);
    if (quote !== null) {
      const read = readString(source, start, quote[1] as string, quote[2] as string);
      tokens.push(read.token);
      at = read.end;
      continue;
    }
    const name = match(identifier);
    if (name !== null) {
      tokens.push({ kind: 'identifier', text: name[0], at });
      at += name[0].length;
      continue;
    }
    const escaped = match(escapedIdentifier);
    if (escaped !== null) {
      tokens.push({ kind: 'identifier', text: escaped[0].slice(1, -1), at });
      at += escaped[0].length;
      continue;
    }
    const real = match(double);
    if (real !== null) {
      tokens.push({ kind: 'double', text: real[0], at });
      at += real[0].length;
      continue;
    }
    const number = match(integer);
    if (number !== null) {
      tokens.push({ kind: number[2] === '' ? 'int' : 'uint', text: number[1] as string, at });
      at += number[0].length;
      continue;
    }
    const sign = match(symbol);
    if (sign === null) {
      throw new LexFault(at, `Syntax error: token recognition error at: '${source[at]}'`);
    }
    tokens.push({ kind: 'symbol', text: sign[0], at });
    at += sign[0].length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', at: source.length });
  return tokens;
}

function readString(
  source: string,
  start: number,
  prefix: string,
  quote: string,
): { token: Token; end: number } {
  const raw = /r/i.test(prefix);
  const isBytes = /b/i.test(prefix);
  let at = start + prefix.length + quote.length;
  let text = '';
  const octets: number[] = [];
  const push = (chunk: string): void => {
    text += chunk;
    if (isBytes) octets.push(...new TextEncoder().encode(chunk));
  };
  for (;;) {
    if (at >= source.length || (quote.length === 1 && source[at] === '\n')) {
      throw new LexFault(start, `Syntax error: token recognition error at: '${source.slice(start)}'`);
    }
    if (source.startsWith(quote, at)) break;
    if (source[at] === '\\' && !raw) {
      const read = readEscape(source, at);
      if (isBytes && read.octet) octets.push(read.code);
      else push(String.fromCodePoint(read.code));
      at = read.end;
      continue;
    }
    const char = String.fromCodePoint(source.codePointAt(at) as number);
    push(char);
    at += char.length;
  }
  const end = at + quote.length;
  return isBytes
    ? { token: { kind: 'bytes', text, at: start, bytes: Uint8Array.from(octets) }, end }
    : { token: { kind: 'string', text, at: start }, end };
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

function readEscape(source: string, at: number): { code: number; end: number; octet: boolean } {
  const next = source[at + 1] ?? '';
  const simple = escapes[next];
  if (simple !== undefined) return { code: simple, end: at + 2, octet: false };
  const rest = source.slice(at + 1);
  const match =
    /^[xX]([0-9a-fA-F]{2})/.exec(rest) ?? /^u([0-9a-fA-F]{4})/.exec(rest) ?? /^U([0-9a-fA-F]{8})/.exec(rest);
  if (match !== null) {
    const code = Number.parseInt(match[1] as string, 16);
    return { code, end: at + 1 + match[0].length, octet: /^[xX]/.test(rest) };
  }
  const octal = /^[0-3][0-7]{2}/.exec(rest);
  if (octal !== null) return { code: Number.parseInt(octal[0], 8), end: at + 4, octet: true };
  throw new LexFault(at, `Syntax error: token recognition error at: '${source.slice(at, at + 2)}'`);
}
