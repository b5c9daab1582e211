import { type Int64, maxNesting, setMember } from '@coxswain/machinery';

/** A JSON text that Go's decoder would not take; the message is Go's. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly code = 'ERR_JSON_SYNTAX';
}

/** A number as it was written, where a double would not tell: fractions, exponents, many digits. */
export class NumberLiteral {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  valueOf(): number {
    return Number(this.text);
  }
}

/** How a JSON number may be held. */
export type JsonNumber = Int64 | NumberLiteral;

export function isJsonNumber(value: unknown): value is JsonNumber {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof NumberLiteral;
}

/** Members of the objects that name one twice, in document order with every repetition. */
export type RepeatedMembers = WeakMap<object, readonly (readonly [string, unknown])[]>;

export interface ParsedJson {
  readonly value: unknown;
  readonly repeated: RepeatedMembers;
}

/**
 * Parses slowly what `JSON.parse` parses fast, for what it cannot give: Go's error texts, members named twice,
 * numbers as written.
 */
export function parseJsonExactly(text: string): ParsedJson {
  const parser = new Parser(text);
  return { value: parser.document(), repeated: parser.repeated };
}

/** Go's words for what is wrong with a JSON text; undefined where nothing is. */
export function jsonFault(text: string): string | undefined {
  try {
    parseJsonExactly(text);
    return undefined;
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error.message;
    throw error;
  }
}

/** Stands for a value that is not read to its end. */
const unfinished = Symbol('unfinished');

/** An object or array whose end was not read yet. */
interface Open {
  readonly out: Record<string, unknown> | unknown[];
  /** Members of an object as they stand there; of an array, nothing. */
  readonly entries: [string, unknown][];
  /** Name of the member whose value is read next. */
  key: string;
  twice: boolean;
}

class Parser {
  readonly #text: string;
  #at = 0;
  /** The innermost last: texts nest deeper than a stack would hold. */
  readonly #open: Open[] = [];
  readonly repeated: RepeatedMembers = new WeakMap();

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    let value = this.#value();
    for (let innermost = this.#open.at(-1); innermost !== undefined; innermost = this.#open.at(-1)) {
      value = value === unfinished ? this.#value() : this.#within(innermost, value);
    }
    this.#space();
    if (this.#at < this.#text.length) this.#fail('after top-level value');
    return value;
  }

  #space(): void {
    for (;;) {
      const ch = this.#text[this.#at];
      if (ch !== ' ' && ch !== '\n' && ch !== '\t' && ch !== '\r') return;
      this.#at++;
    }
  }

  #fail(context: string): never {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) throw new JsonSyntaxError('unexpected end of JSON input');
    throw new JsonSyntaxError(`invalid character ${quoteChar(code)} ${context}`);
  }

  /** A value, or `unfinished` where it begins with one within it. */
  #value(): unknown {
    this.#space();
    const ch = this.#text[this.#at];
    if (ch === '{') return this.#begin({}, '}');
    if (ch === '[') return this.#begin([], ']');
    if (ch === '"') return this.#string();
    if (ch === 't') return this.#word('true', true);
    if (ch === 'f') return this.#word('false', false);
    if (ch === 'n') return this.#word('null', null);
    if (ch === '-' || (ch !== undefined && ch >= '0' && ch <= '9')) return this.#number();
    return this.#fail('looking for beginning of value');
  }

  #begin(out: Open['out'], end: string): unknown {
    if (this.#open.length === maxNesting) throw new JsonSyntaxError('exceeded max depth');
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === end) {
      this.#at++;
      return out;
    }
    const open: Open = { out, entries: [], key: '', twice: false };
    this.#open.push(open);
    if (end === '}') open.key = this.#key();
    return unfinished;
  }

  #key(): string {
    this.#space();
    if (this.#text[this.#at] !== '"') this.#fail('looking for beginning of object key string');
    const key = this.#string();
    this.#space();
    if (this.#text[this.#at] !== ':') this.#fail('after object key');
    this.#at++;
    return key;
  }

  /** Puts a value into what it stands in; gives that where it ends there, and `unfinished` where another follows. */
  #within(open: Open, value: unknown): unknown {
    const { out } = open;
    this.#space();
    const ch = this.#text[this.#at];
    if (Array.isArray(out)) {
      out.push(value);
      if (ch !== ',' && ch !== ']') this.#fail('after array element');
      this.#at++;
      if (ch === ',') return unfinished;
    } else {
      open.twice ||= Object.hasOwn(out, open.key);
      open.entries.push([open.key, value]);
      setMember(out, open.key, value);
      if (ch !== ',' && ch !== '}') this.#fail('after object key:value pair');
      this.#at++;
      if (ch === ',') {
        open.key = this.#key();
        return unfinished;
      }
      if (open.twice) this.repeated.set(out, open.entries);
    }
    this.#open.pop();
    return out;
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const ch = this.#text[this.#at];
      if (ch === undefined || ch < ' ') this.#fail('in string literal');
      if (ch === '\\') this.#escape();
      else this.#at++;
      if (ch === '"') return JSON.parse(this.#text.slice(start, this.#at)) as string;
    }
  }

  #escape(): void {
    this.#at++;
    const ch = this.#text[this.#at];
    if (ch === undefined || !'bfnrt\\/"u'.includes(ch)) this.#fail('in string escape code');
    this.#at++;
    if (ch !== 'u') return;
    for (let i = 0; i < 4; i++) {
      if (!/^[0-9a-fA-F]$/.test(this.#text[this.#at] ?? ''))
        this.#fail('in \\u hexadecimal character escape');
      this.#at++;
    }
  }

  #word<T>(word: string, value: T): T {
    for (let i = 0; i < word.length; i++) {
      if (this.#text[this.#at] !== word[i]) this.#fail(`in literal ${word} (expecting '${word[i]}')`);
      this.#at++;
    }
    return value;
  }

  #number(): number | NumberLiteral {
    const start = this.#at;
    if (this.#text[this.#at] === '-') this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else this.#digits('in numeric literal');
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#digits('after decimal point in numeric literal');
    }
    if (/^[eE]$/.test(this.#text[this.#at] ?? '')) {
      this.#at++;
      if (/^[+-]$/.test(this.#text[this.#at] ?? '')) this.#at++;
      this.#digits('in exponent of numeric literal');
    }
    const literal = this.#text.slice(start, this.#at);
    return /^-?\d{1,15}$/.test(literal) && literal !== '-0' ? Number(literal) : new NumberLiteral(literal);
  }

  #digits(context: string): void {
    const isDigit = (): boolean => /^\d$/.test(this.#text[this.#at] ?? '');
    if (!isDigit()) this.#fail(context);
    while (isDigit()) this.#at++;
  }
}

/** Prints the first UTF-8 byte of a character as Go's scanner, which reads bytes, does. */
function quoteChar(codePoint: number): string {
  const byte = Buffer.from(String.fromCodePoint(codePoint), 'utf8')[0] as number;
  const ch = String.fromCharCode(byte);
  if (ch === "'") return `'\\''`;
  if (ch === '"') return `'"'`;
  if (ch === '\\') return `'\\\\'`;
  const named: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f' };
  if (named[ch] !== undefined) return `'${named[ch]}'`;
  if (byte === 7) return `'\\a'`;
  if (byte === 11) return `'\\v'`;
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, '0')}'`;
  if (byte >= 0x80 && byte < 0xa1) return `'\\u${byte.toString(16).padStart(4, '0')}'`;
  return `'${ch}'`;
}
