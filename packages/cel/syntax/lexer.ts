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
  const lexer = new Lexer(source);
  while (!lexer.atEnd) if (!lexer.skipBlank()) lexer.next();
  return lexer.tokens();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  readonly #refused: { at: number; end: number }[] = [];
  readonly #issues: Issue[] = [];
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get atEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  tokens(): Tokens {
    const { length } = this.#source;
    const end: Token = { type: '<EOF>', text: '<EOF>', at: length, end: length };
    return { tokens: [...this.#tokens, end], refused: this.#refused, issues: this.#issues };
  }

  /** Whether there was white space or a comment. */
  skipBlank(): boolean {
    const skipped = this.#match(blank);
    if (skipped !== null) this.#at += skipped[0].length;
    return skipped !== null;
  }

  /** Reads a token, or goes past what is none. */
  next(): void {
    if (this.#match(stringStart) !== null) {
      this.#string();
      return;
    }
    const name = this.#match(identifier)?.[0];
    if (name !== undefined) {
      this.#push(keywords.has(name) ? `'${name}'` : 'IDENTIFIER', name, name.length);
      return;
    }
    const escaped = this.#match(escapedIdentifier)?.[0];
    if (escaped !== undefined) {
      this.#push('ESC_IDENTIFIER', escaped.slice(1, -1), escaped.length);
      return;
    }
    if (this.#number()) return;
    const sign = this.#match(symbol)?.[0];
    if (sign !== undefined) {
      this.#push(`'${sign}'`, sign, sign.length);
      return;
    }
    const begun = (this.#match(escapedStart) ?? this.#match(halfSymbol))?.[0].length ?? 0;
    this.#refuse(this.#at + begun + widthAt(this.#source, this.#at + begun));
  }

  #string(): void {
    const read = readString(this.#source, this.#at);
    // A prefix without its string is a name, and quotes without the rest of a text may be an empty one.
    const token = 'token' in read ? read.token : read.shorter;
    if (token !== undefined) {
      this.#tokens.push(token);
      this.#at = token.end;
    } else if ('failedAt' in read) {
      this.#refuse(read.failedAt + widthAt(this.#source, read.failedAt));
    }
  }

  #number(): boolean {
    const real = this.#match(double)?.[0];
    if (real !== undefined) {
      this.#push('NUM_FLOAT', real, real.length);
      return true;
    }
    const number = this.#match(integer);
    if (number === null) return false;
    this.#push(number[2] === '' ? 'NUM_INT' : 'NUM_UINT', number[1] as string, number[0].length);
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#source);
  }

  #push(type: TokenType, text: string, length: number): void {
    this.#tokens.push({ type, text, at: this.#at, end: this.#at + length });
    this.#at += length;
  }

  /** @param end of what was read before it turned out to be no token, with the character that showed it */
  #refuse(end: number): void {
    const at = this.#at;
    const text = this.#source.slice(at, end);
    this.#issues.push({ at, message: `Syntax error: token recognition error at: '${text}'` });
    this.#refused.push({ at, end });
    this.#at = Math.min(end, this.#source.length);
  }
}

/** How many units the character at an offset has; 0 at the end. */
function widthAt(source: string, at: number): number {
  const code = source.codePointAt(at);
  return code === undefined ? 0 : code > 0xffff ? 2 : 1;
}
