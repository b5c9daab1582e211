import { setFlagsFromString } from 'node:v8';

// Go's expressions take time in proportion to the text. V8's usual engine tries every way to share a text out
// among repetitions; with this it begins anew with an engine like Go's when it has stepped back too often. That
// engine knows no `u` flag: hence the translation below.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

type Range = readonly [from: number, to: number];

const lastCode = 0x10ffff;
const firstAstral = 0x10000;
const surrogates: Range = [0xd800, 0xdfff];
const anyAstral = '[\\ud800-\\udbff][\\udc00-\\udfff]';

/** The source is beyond what can be said without the `u` flag. */
class BeyondPlain extends Error {
  override readonly name = 'BeyondPlain';
}

/**
 * An expression for the `u` flag, of the forms that `translateGoRegex` gives, as one without it that matches the
 * same texts; undefined where there is none (`\p{...}`, a part of the characters beyond U+FFFF).
 */
export function withoutUnicodeFlag(source: string): string | undefined {
  try {
    return new Translation(source).translate();
  } catch (error) {
    if (error instanceof BeyondPlain) return undefined;
    throw error;
  }
}

class Translation {
  readonly #source: string;
  #at = 0;
  /** For each open group, whether letters of both cases match in it. */
  readonly #folds: boolean[] = [false];

  constructor(source: string) {
    this.#source = source;
  }

  translate(): string {
    let out = '';
    while (this.#at < this.#source.length) out += this.#next();
    return out;
  }

  get #fold(): boolean {
    return this.#folds[this.#folds.length - 1] ?? false;
  }

  #next(): string {
    const rest = this.#source.slice(this.#at, this.#at + 200);
    const group = /^\((?:\?([ims]*)(?:-([ims]+))?:|\?<\w+>)?/.exec(rest);
    if (group !== null) {
      this.#at += group[0].length;
      const [whole, on = '', off = ''] = group;
      this.#folds.push(on.includes('i') || (this.#fold && !off.includes('i')));
      // Both cases are spelled out instead.
      return whole.startsWith('(?<') ? whole : whole.replaceAll('i', '').replace('-:', ':');
    }
    const [char = ''] = rest;
    if (char === ')') {
      this.#at++;
      this.#folds.pop();
      return char;
    }
    if (char === '[') return this.#set();
    const quantifier = /^(?:[*+?|^$]|\{\d+(?:,\d*)?\})/.exec(rest) ?? /^\\[bB]/.exec(rest);
    if (quantifier !== null) {
      this.#at += quantifier[0].length;
      return quantifier[0];
    }
    const code = this.#code();
    return this.#fold && isLetter(code) ? setOf(folded([[code, code]])) : textOf(code);
  }

  #set(): string {
    this.#at++;
    const negated = this.#source[this.#at] === '^';
    if (negated) this.#at++;
    let ranges: Range[] = [];
    while (this.#source[this.#at] !== ']') {
      if (this.#source.startsWith('\\s\\S', this.#at)) {
        this.#at += 4;
        ranges.push([0, lastCode]);
        continue;
      }
      const from = this.#code();
      if (this.#source[this.#at] !== '-' || this.#source[this.#at + 1] === ']') {
        ranges.push([from, from]);
        continue;
      }
      this.#at++;
      ranges.push([from, this.#code()]);
    }
    this.#at++;
    if (this.#fold) ranges = folded(ranges);
    return setOf(negated ? complement(ranges) : ranges);
  }

  /** A character or an escape for one. */
  #code(): number {
    const rest = this.#source.slice(this.#at, this.#at + 12);
    const escaped = /^\\(?:u\{([0-9a-f]+)\}|x([0-9a-f]{2})|([fnrtv])|([^a-zA-Z0-9]))/iu.exec(rest);
    if (escaped !== null) {
      this.#at += escaped[0].length;
      const [, long, short, control, literal] = escaped;
      if (control !== undefined) return { f: 12, n: 10, r: 13, t: 9, v: 11 }[control] as number;
      return literal === undefined
        ? Number.parseInt((long ?? short) as string, 16)
        : (literal.codePointAt(0) as number);
    }
    if (rest.startsWith('\\')) throw new BeyondPlain(rest);
    const code = rest.codePointAt(0) as number;
    this.#at += code >= firstAstral ? 2 : 1;
    return code;
  }
}

const isLetter = (code: number): boolean =>
  (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code >= 0x80;

/** The ranges with letters of the other case; the Kelvin sign and the long s are the only foreign ones of ASCII's. */
function folded(ranges: readonly Range[]): Range[] {
  const out: Range[] = [...ranges];
  for (const [from, to] of ranges) {
    if (to >= 0x80 && !(from <= 0x80 && to === lastCode)) throw new BeyondPlain('letters beyond ASCII');
    for (let code = Math.max(from, 0x41); code <= Math.min(to, 0x7a); code++) {
      const letter = code | 0x20;
      if (letter < 0x61 || letter > 0x7a || (code > 0x5a && code < 0x61)) continue;
      out.push([letter, letter], [letter - 0x20, letter - 0x20]);
      if (letter === 0x6b) out.push([0x212a, 0x212a]);
      if (letter === 0x73) out.push([0x17f, 0x17f]);
    }
  }
  return out;
}

function complement(ranges: readonly Range[]): Range[] {
  const out: Range[] = [];
  let next = 0;
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (from > next) out.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= lastCode) out.push([next, lastCode]);
  return out;
}

/** A class of UTF-16 units, and the pairs of them that are one character. */
function setOf(ranges: readonly Range[]): string {
  const outside = complement(ranges);
  const astral = outside.filter(([, to]) => to >= firstAstral);
  const none = astral.length === 1 && (astral[0]?.[0] ?? 0) <= firstAstral && astral[0]?.[1] === lastCode;
  if (astral.length > 0 && !none) throw new BeyondPlain('a part of the astral characters');
  let inside = '';
  for (const [from, to] of complement([...outside, surrogates, [firstAstral, lastCode]])) {
    inside += from === to ? unit(from) : `${unit(from)}-${unit(to)}`;
  }
  return astral.length > 0 ? `[${inside}]` : `(?:[${inside}]|${anyAstral})`;
}

const unit = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`;

function textOf(code: number): string {
  if (code < firstAstral) return unit(code);
  const [high, low] = String.fromCodePoint(code).split('') as [string, string];
  return `(?:${unit(high.charCodeAt(0))}${unit(low.charCodeAt(0))})`;
}
