import { lastCode } from './code-points.ts';

/** A pattern that Go's regexp does not take; the message is Go's. */
export class GoRegexError extends Error {
  override readonly name = 'GoRegexError';
  readonly code = 'ERR_GO_REGEX';

  constructor(what: string, where: string) {
    super(`error parsing regexp: ${what}: \`${where}\``);
  }
}

/** POSIX classes and Perl's, as members of a JavaScript class. */
const posix: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};
const perl: Readonly<Record<string, string>> = {
  d: '0-9',
  s: '\\t\\n\\f\\r ',
  w: '0-9A-Za-z_',
  D: '\\x00-\\x2f\\x3a-\\u{10ffff}',
  S: '\\x00-\\x08\\x0b\\x0e-\\x1f\\x21-\\u{10ffff}',
  W: '\\x00-\\x2f\\x3a-\\x40\\x5b-\\x5e\\x60\\x7b-\\u{10ffff}',
};
const controls: Readonly<Record<string, string>> = {
  a: '\\x07',
  f: '\\f',
  n: '\\n',
  r: '\\r',
  t: '\\t',
  v: '\\v',
};
const maxRepeat = 1000;
/** Go's limit of nesting. */
const maxDepth = 1000;

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly U: boolean;
}

/** Translates one of Go's regular expressions to a JavaScript source for the flag `u`. @throws GoRegexError */
export function translateGoRegex(pattern: string): string {
  return new Translator(pattern).translate();
}

class Translator {
  readonly #pattern: string;
  #at = 0;
  #depth = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  translate(): string {
    const out = this.#alternatives({ i: false, m: false, s: false, U: false });
    if (this.#at < this.#pattern.length) throw new GoRegexError('unexpected )', this.#pattern);
    return out;
  }

  #rest(): string {
    return this.#pattern.slice(this.#at);
  }

  /** Up to the end of the group; flags that are set in it hold until there. */
  #alternatives(flags: Flags): string {
    if (++this.#depth > maxDepth) throw new GoRegexError('expression nests too deeply', this.#pattern);
    let now = flags;
    let out = '';
    let closing = '';
    while (this.#at < this.#pattern.length && this.#pattern[this.#at] !== ')') {
      if (this.#pattern[this.#at] === '|') {
        this.#at++;
        out += '|';
        continue;
      }
      const set = /^\(\?([imsU]*)(?:-([imsU]+))?\)/.exec(this.#rest());
      if (set !== null && (set[1] !== '' || set[2] !== undefined)) {
        this.#at += set[0].length;
        const next = withFlags(now, set[1] ?? '', set[2] ?? '');
        if (next.i !== now.i) {
          // From here on letters match either way: the alternatives that follow are of the same group.
          out += next.i ? '(?i:' : '(?-i:';
          closing += ')';
        }
        now = next;
        continue;
      }
      out += this.#repeated(now);
    }
    this.#depth--;
    return out + closing;
  }

  #repeated(flags: Flags): string {
    const start = this.#at;
    let out = this.#atom(flags);
    let last = '';
    for (;;) {
      const match = /^(?:[*+?]|\{(\d+)(,(\d*))?\})(\??)/.exec(this.#rest());
      if (match === null) return out;
      const operator = match[0];
      if (last !== '') throw new GoRegexError('invalid nested repetition operator', last + operator);
      const [, least, , most] = match;
      if (least !== undefined) {
        const bad = [least, most].some((n) => n !== undefined && n !== '' && Number(n) > maxRepeat);
        if (bad || (most !== undefined && most !== '' && Number(most) < Number(least))) {
          throw new GoRegexError('invalid repeat count', operator.replace(/\?$/, ''));
        }
      }
      this.#at += operator.length;
      last = operator;
      const lazy = match[4] === '?';
      const bare = lazy ? operator.slice(0, -1) : operator;
      if (start === this.#at - operator.length)
        throw new GoRegexError('missing argument to repetition operator', bare);
      // An assertion may be repeated in Go: it says the same once or not at all.
      const body = /^(?:\^|\$|\\b|\\B|\(\?[!<=]|\(\?m)/.test(out) ? `(?:${out})` : out;
      out = `${body}${bare}${lazy !== flags.U ? '?' : ''}`;
    }
  }

  #atom(flags: Flags): string {
    const char = String.fromCodePoint(this.#pattern.codePointAt(this.#at) as number);
    switch (char) {
      case '(':
        return this.#group(flags);
      case '[':
        return this.#set(flags);
      case '\\':
        return this.#escape(flags);
      case '.':
        this.#at++;
        return flags.s ? '[\\s\\S]' : '[^\\n]';
      case '^':
      case '$':
        this.#at++;
        return flags.m ? `(?m:${char})` : char;
      case '*':
      case '+':
      case '?': {
        const lazy = this.#pattern[this.#at + 1] === '?' ? '?' : '';
        throw new GoRegexError('missing argument to repetition operator', char + lazy);
      }
      default:
    }
    if (char === '{' && /^\{\d+(?:,\d*)?\}/.test(this.#rest())) {
      const [found = ''] = /^\{[^}]*\}/.exec(this.#rest()) ?? [];
      throw new GoRegexError('missing argument to repetition operator', found);
    }
    this.#at += char.length;
    return literal(char);
  }

  #group(flags: Flags): string {
    const head = /^\((?:\?P?<(\w+)>|\?([imsU]*)(?:-([imsU]+))?:|(?!\?))/.exec(this.#rest());
    if (head === null) {
      const name = /^\(\?P?<([^>]*)>?/.exec(this.#rest());
      if (name !== null && !/^\(\?<[=!]/.test(this.#rest())) {
        throw new GoRegexError('invalid named capture', name[0]);
      }
      const [shown = this.#rest()] = /^\(\?<?[^)imsU-]?/.exec(this.#rest()) ?? [];
      throw new GoRegexError('invalid or unsupported Perl syntax', shown);
    }
    this.#at += head[0].length;
    const [, name, on, off] = head;
    const inner = on === undefined ? flags : withFlags(flags, on, off ?? '');
    const body = this.#alternatives(inner);
    if (this.#pattern[this.#at] !== ')') throw new GoRegexError('missing closing )', this.#pattern);
    this.#at++;
    if (name !== undefined) return `(?<${name}>${body})`;
    if (on === undefined) return `(${body})`;
    if (inner.i === flags.i) return `(?:${body})`;
    return inner.i ? `(?i:${body})` : `(?-i:${body})`;
  }

  #escape(flags: Flags): string {
    const next = this.#pattern[this.#at + 1];
    if (next === undefined) throw new GoRegexError('trailing backslash at end of expression', '');
    switch (next) {
      case 'A':
        this.#at += 2;
        return '^';
      case 'z':
        this.#at += 2;
        return '$';
      case 'b':
      case 'B':
        this.#at += 2;
        return `\\${next}`;
      case 'C':
        this.#at += 2;
        return '[\\s\\S]';
      case 'Q': {
        const end = this.#pattern.indexOf('\\E', this.#at + 2);
        const text = this.#pattern.slice(this.#at + 2, end < 0 ? undefined : end);
        this.#at = end < 0 ? this.#pattern.length : end + 2;
        return [...text].map(literal).join('');
      }
      default:
    }
    const members = this.#classEscape(flags);
    return members === undefined ? this.#charEscape() : `[${members}]`;
  }

  /** `\d`, `\pL`, `\P{Greek}` as members of a class; undefined for others. */
  #classEscape(flags: Flags): string | undefined {
    const rest = this.#rest();
    const known = perl[rest[1] ?? ''];
    if (known !== undefined) {
      this.#at += 2;
      return flags.i && rest[1] === 'W' ? complement(perl['w'] as string, true) : known;
    }
    const property = /^\\([pP])(?:\{(\^?)([^}]*)\}|(.))/u.exec(rest);
    if (property === null) return undefined;
    this.#at += property[0].length;
    const [, kind, negation, long, short] = property;
    const name = long ?? short ?? '';
    const sign = (kind === 'P') !== (negation === '^') ? 'P' : 'p';
    for (const form of [name, `Script=${name}`]) {
      try {
        new RegExp(`\\p{${form}}`, 'u');
        return name === 'Any' ? '\\s\\S' : `\\${sign}{${form}}`;
      } catch {
        // Not a category: perhaps a script.
      }
    }
    throw new GoRegexError('invalid character class range', property[0]);
  }

  #charEscape(): string {
    const rest = this.#rest();
    const [, next = ''] = rest;
    const control = controls[next];
    if (control !== undefined) {
      this.#at += 2;
      return control;
    }
    const code = /^\\(?:x([0-9A-Fa-f]{2})|x\{([0-9A-Fa-f]+)\}|([1-7][0-7]{1,2}|0[0-7]{0,2}))/.exec(rest);
    if (code !== null) {
      const value =
        code[3] === undefined
          ? Number.parseInt((code[1] ?? code[2]) as string, 16)
          : Number.parseInt(code[3], 8);
      if (value <= 0x10ffff) {
        this.#at += code[0].length;
        return `\\u{${value.toString(16)}}`;
      }
    }
    if (/^[!-/:-@[-`{-~]$/.test(next) && next !== '_') {
      this.#at += 2;
      return literal(next);
    }
    if (next === '_') {
      this.#at += 2;
      return '_';
    }
    throw new GoRegexError(
      'invalid escape sequence',
      `\\${String.fromCodePoint(rest.codePointAt(1) as number)}`,
    );
  }

  #set(flags: Flags): string {
    const start = this.#at++;
    let out = '[';
    if (this.#pattern[this.#at] === '^') {
      this.#at++;
      out += '^';
    }
    let isFirst = true;
    for (;;) {
      if (this.#at >= this.#pattern.length)
        throw new GoRegexError('missing closing ]', this.#pattern.slice(start));
      const rest = this.#rest();
      if (rest[0] === ']' && !isFirst) break;
      if (rest[0] === '-' && !isFirst && rest[1] !== ']' && rest[1] !== undefined) {
        const [shown = '-'] = /^-(?:\\.|.)/su.exec(rest) ?? [];
        throw new GoRegexError('invalid character class range', shown);
      }
      isFirst = false;
      const named = /^\[:(\^?)(\w+):\]/.exec(rest);
      if (named !== null) {
        const members = Object.hasOwn(posix, named[2] as string) ? posix[named[2] as string] : undefined;
        if (members === undefined) throw new GoRegexError('invalid character class range', named[0]);
        this.#at += named[0].length;
        out += named[1] === '^' ? complement(members, flags.i) : members;
        continue;
      }
      const members = rest[0] === '\\' ? this.#classEscape(flags) : undefined;
      if (members !== undefined) {
        out += members;
        continue;
      }
      out += this.#rangeOrChar();
    }
    this.#at++;
    return out === '[' ? '[]' : `${out}]`;
  }

  #rangeOrChar(): string {
    const start = this.#at;
    const low = this.#setChar();
    const rest = this.#rest();
    if (rest[0] !== '-' || rest[1] === ']' || rest[1] === undefined) return low;
    this.#at++;
    const high = this.#setChar();
    if (codeOf(high) < codeOf(low)) {
      throw new GoRegexError('invalid character class range', this.#pattern.slice(start, this.#at));
    }
    return `${low}-${high}`;
  }

  #setChar(): string {
    if (this.#pattern[this.#at] === '\\') {
      if (this.#at + 1 >= this.#pattern.length)
        throw new GoRegexError('trailing backslash at end of expression', '');
      return this.#charEscape();
    }
    const char = String.fromCodePoint(this.#pattern.codePointAt(this.#at) as number);
    this.#at += char.length;
    return literal(char);
  }
}

function withFlags(flags: Flags, on: string, off: string): Flags {
  const of = (flag: keyof Flags): boolean => (flags[flag] || on.includes(flag)) && !off.includes(flag);
  return { i: of('i'), m: of('m'), s: of('s'), U: of('U') };
}

/** A character as itself, in classes and outside of them. */
function literal(char: string): string {
  if (/[\\^$.*+?()[\]{}|/]/.test(char)) return `\\${char}`;
  return char === '-' ? '\\x2d' : char;
}

function codeOf(char: string): number {
  if (char.startsWith('\\u{')) return Number.parseInt(char.slice(3), 16);
  if (char.startsWith('\\x')) return Number.parseInt(char.slice(2), 16);
  const controlsByChar: Readonly<Record<string, number>> = { f: 12, n: 10, r: 13, t: 9, v: 11 };
  if (char.startsWith('\\')) return controlsByChar[char[1] ?? ''] ?? (char.codePointAt(1) as number);
  return char.codePointAt(0) as number;
}

/** All characters but those of a class of ASCII; with `fold` without those of the other cases too. */
function complement(members: string, fold: boolean): string {
  const inside = new RegExp(`[${members}]`, fold ? 'iu' : 'u');
  const ends = [0x80, 0x110000];
  // Of the others two alone have a letter of ASCII for their other case.
  if (fold) ends.splice(1, 0, longS, longS + 1, kelvin, kelvin + 1);
  let out = '';
  let from = -1;
  const visit = (code: number, outside: boolean): void => {
    if (outside && from < 0) from = code;
    if (!outside && from >= 0) {
      out += `\\u{${from.toString(16)}}-\\u{${(code - 1).toString(16)}}`;
      from = -1;
    }
  };
  for (let code = 0; code < 0x80; code++) visit(code, !inside.test(String.fromCodePoint(code)));
  for (const code of ends) visit(code, code <= lastCode && !inside.test(String.fromCodePoint(code)));
  return out;
}

const longS = 0x17f;
const kelvin = 0x212a;
