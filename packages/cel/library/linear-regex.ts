import { setFlagsFromString } from 'node:v8';
import {
  caseOrbits,
  complement,
  firstAstral,
  lastCode,
  propertyRanges,
  type Range,
  surrogates,
} from './code-points.ts';

// Go's expressions take time in proportion to the text. V8's usual engine tries every way to share a text out
// among repetitions; with this it begins anew with an engine like Go's when it has stepped back too often. That
// engine knows no `u` flag: hence the translation below.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

const anyAstral = '[\\ud800-\\udbff][\\udc00-\\udfff]';

/** An expression for the `u` flag, of the forms that `translateGoRegex` gives, as one without it that matches the same. */
export function withoutUnicodeFlag(source: string): string {
  return new Translation(source).translate();
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
    const ranges: Range[] = [];
    // What is not to be folded: the rest of a property that was.
    const whole: Range[] = [];
    while (this.#source[this.#at] !== ']') {
      if (this.#source.startsWith('\\s\\S', this.#at)) {
        this.#at += 4;
        ranges.push([0, lastCode]);
        continue;
      }
      const property = /^\\([pP])\{([^}]*)\}/.exec(this.#source.slice(this.#at, this.#at + 60));
      if (property !== null) {
        const [text, sign, name = ''] = property;
        this.#at += text.length;
        const found = this.#fold ? folded(propertyRanges(name)) : propertyRanges(name);
        whole.push(...(sign === 'P' ? complement(found) : found));
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
    const all = [...(this.#fold ? folded(ranges) : ranges), ...whole];
    return setOf(negated ? complement(all) : all);
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
    const code = rest.codePointAt(0) as number;
    this.#at += code >= firstAstral ? 2 : 1;
    return code;
  }
}

const isLetter = (code: number): boolean =>
  (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code >= 0x80;

/** The ranges with letters of the other cases. */
function folded(ranges: readonly Range[]): Range[] {
  const out: Range[] = [...ranges];
  for (const range of ranges) {
    // What is no word, digit or blank: Go folds none of these.
    if (range[0] <= 0x80 && range[1] === lastCode) continue;
    if (range[1] < 0x80) foldAscii(range, out);
    else foldAll(range, out);
  }
  return out;
}

/** The Kelvin sign and the long s are the only foreign ones. */
function foldAscii([from, to]: Range, out: Range[]): void {
  for (let code = Math.max(from, 0x41); code <= Math.min(to, 0x7a); code++) {
    const letter = code | 0x20;
    if (letter < 0x61 || letter > 0x7a || (code > 0x5a && code < 0x61)) continue;
    out.push([letter, letter], [letter - 0x20, letter - 0x20]);
    if (letter === 0x6b) out.push([0x212a, 0x212a]);
    if (letter === 0x73) out.push([0x17f, 0x17f]);
  }
}

function foldAll([from, to]: Range, out: Range[]): void {
  for (const [code, orbit] of caseOrbits()) {
    if (code >= from && code <= to) for (const other of orbit) out.push([other, other]);
  }
}

/** A class of UTF-16 units, and the pairs of them that are one character. */
function setOf(ranges: readonly Range[]): string {
  const outside = complement(ranges);
  let inside = '';
  for (const range of complement([...outside, surrogates, [firstAstral, lastCode]])) inside += unitsOf(range);
  const pairs = complement([...outside, [0, firstAstral - 1]]).flatMap(pairsOf);
  return pairs.length === 0 ? `[${inside}]` : `(?:${[`[${inside}]`, ...pairs].join('|')})`;
}

function unitsOf([from, to]: Range): string {
  return from === to ? unit(from) : `${unit(from)}-${unit(to)}`;
}

/** The pairs of a range of astral characters: those of its first and last high unit, and of all between. */
function pairsOf([from, to]: Range): string[] {
  if (from === firstAstral && to === lastCode) return [anyAstral];
  const out: string[] = [];
  let [first, low] = unitsOfAstral(from);
  let [last, high] = unitsOfAstral(to);
  if (first === last) return [`${unit(first)}[${unitsOf([low, high])}]`];
  if (low > firstLow) out.push(`${unit(first++)}[${unitsOf([low, lastLow])}]`);
  if (high < lastLow) out.push(`${unit(last--)}[${unitsOf([firstLow, high])}]`);
  if (first <= last) out.push(`[${unitsOf([first, last])}][${unitsOf([firstLow, lastLow])}]`);
  return out;
}

const firstLow = 0xdc00;
const lastLow = 0xdfff;

function unitsOfAstral(code: number): [high: number, low: number] {
  const text = String.fromCodePoint(code);
  return [text.charCodeAt(0), text.charCodeAt(1)];
}

const unit = (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`;

function textOf(code: number): string {
  if (code < firstAstral) return unit(code);
  const [high, low] = String.fromCodePoint(code).split('') as [string, string];
  return `(?:${unit(high.charCodeAt(0))}${unit(low.charCodeAt(0))})`;
}
