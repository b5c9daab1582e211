import type { Issue } from '../issue.ts';
import { readString } from './string-token.ts';

/** A token of the language, by the name that error texts give its type. */
export type TokenType =
  | `'${string}'`
  | 'NUM_FLOAT'
  | 'NUM_INT'
  | 'NUM_UINT'
  | 'STRING'
  | 'BYTES'
  | 'IDENTIFIER'
  | 'ESC_IDENTIFIER'
  | '<EOF>';

export interface Token {
  readonly type: TokenType;
  /** As written; of strings and bytes what they stand for, of escaped identifiers what is between the quotes. */
  readonly text: string;
  readonly at: number;
  readonly end: number;
  readonly bytes?: Uint8Array;
}

const blank = /(?:[\t \r\n\f]|\/\/[^\n]*)+/y;
const identifier = /[A-Za-z_]\w*/y;
const escapedIdentifier = /`[\w./ -]+`/y;
const escapedStart = /`[\w./ -]*/y;
const double = /(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)/y;
const integer = /(0x[0-9a-fA-F]+|\d+)([uU]?)/y;
const symbol = /==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()[\]{}]/y;
/** What begins a symbol of two characters and is none itself. */
const halfSymbol = /[=&|]/y;
const stringStart = /[bB]?[rR]?["']/y;
const keywords: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in']);

/** A source in tokens, the last of which is its end. */
export interface Tokens {
  readonly tokens: readonly Token[];
  /** What is no token, and is left out. */
  readonly refused: readonly { readonly at: number; readonly end: number }[];
  readonly issues: Issue[];
}

/** Splits a source into tokens. */
export function tokenize(source: string): Tokens {
  const tokens: Token[] = [];
  const refused: { at: number; end: number }[] = [];
  const issues: Issue[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  const push = (type: TokenType, text: string, length: number): void => {
    tokens.push({ type, text, at, end: at + length });
    at += length;
  };
  /** @param end of what was read before it turned out to be no token, with the character that showed it */
  const refuse = (end: number): void => {
    const text = source.slice(at, end);
    issues.push({ at, message: `Syntax error: token recognition error at: '${text}'` });
    refused.push({ at, end });
    at = Math.min(end, source.length);
  };
  while (at < source.length) {
    const skipped = match(blank);
    if (skipped !== null) {
      at += skipped[0].length;
      continue;
    }
    if (match(stringStart) !== null) {
      const read = readString(source, at);
      if ('token' in read) {
        tokens.push(read.token);
        at = read.token.end;
        continue;
      }
      // A prefix without its string is a name, and quotes without the rest of a text may be an empty one.
      if (read.shorter !== undefined) {
        tokens.push(read.shorter);
        at = read.shorter.end;
        continue;
      }
      refuse(read.failedAt + widthAt(source, read.failedAt));
      continue;
    }
    const name = match(identifier)?.[0];
    if (name !== undefined) {
      push(keywords.has(name) ? `'${name}'` : 'IDENTIFIER', name, name.length);
      continue;
    }
    const escaped = match(escapedIdentifier)?.[0];
    if (escaped !== undefined) {
      push('ESC_IDENTIFIER', escaped.slice(1, -1), escaped.length);
      continue;
    }
    const real = match(double)?.[0];
    if (real !== undefined) {
      push('NUM_FLOAT', real, real.length);
      continue;
    }
    const number = match(integer);
    if (number !== null) {
      push(number[2] === '' ? 'NUM_INT' : 'NUM_UINT', number[1] as string, number[0].length);
      continue;
    }
    const sign = match(symbol)?.[0];
    if (sign !== undefined) {
      push(`'${sign}'`, sign, sign.length);
      continue;
    }
    const begun = (match(escapedStart) ?? match(halfSymbol))?.[0].length ?? 0;
    refuse(at + begun + widthAt(source, at + begun));
  }
  tokens.push({ type: '<EOF>', text: '<EOF>', at: source.length, end: source.length });
  return { tokens, refused, issues };
}

/** How many units the character at an offset has; 0 at the end. */
function widthAt(source: string, at: number): number {
  const code = source.codePointAt(at);
  return code === undefined ? 0 : code > 0xffff ? 2 : 1;
}
