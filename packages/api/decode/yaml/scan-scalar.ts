import type { Cursor } from './cursor.ts';
import { type Token, token } from './token.ts';
import { scannerError } from './yaml-syntax-error.ts';

/** Escapes of one letter in double quotes. */
const escapes: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};
/** Escapes of a character by its number, and how many digits that has. */
const numbered: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };
const quotedStops = '\'"\\';
const plainStops = ':,?[]{}';
const lastCharacter = 0x10ffff;

/** The blanks and line breaks between words: blanks stay, a break becomes a blank and further ones stay. */
class Gap {
  blanks = '';
  #first = '';
  #further = '';
  /** Whether a line ended; blanks after that are indentation. */
  broken = false;

  get empty(): boolean {
    return !this.broken && this.blanks === '';
  }

  take(cursor: Cursor): void {
    if (!cursor.isBreak()) {
      const blank = cursor.take();
      if (!this.broken) this.blanks += blank;
    } else if (this.broken) {
      this.#further += cursor.takeBreak();
    } else {
      this.blanks = '';
      this.#first = cursor.takeBreak();
      this.broken = true;
    }
  }

  /** What it stands for in the text. */
  folded(): string {
    if (!this.broken) return this.blanks;
    if (this.#first !== '\n') return this.#first + this.#further;
    return this.#further === '' ? ' ' : this.#further;
  }
}

/** Scans a text in quotes, which begins here. */
export function scanQuoted(cursor: Cursor): Token {
  const start = cursor.mark;
  const quote = cursor.take();
  let text = '';
  for (;;) {
    cursor.need(4);
    if (cursor.atDocumentIndicator)
      throw scannerError('found unexpected document indicator', cursor.mark, start);
    if (cursor.atEnd) throw scannerError('found unexpected end of stream', cursor.mark, start);
    const gap = new Gap();
    text += cursor.takeOrdinary(quotedStops);
    while (!cursor.isBlankOrEnd()) {
      const ch = cursor.char();
      if (ch === quote) {
        if (quote === '"' || cursor.char(1) !== "'") break;
        cursor.skip(2);
        text += "'";
      } else if (quote === '"' && ch === '\\') {
        if (cursor.isBreak(1)) {
          cursor.skip();
          cursor.takeBreak();
          gap.broken = true;
          break;
        }
        text += escaped(cursor, start);
      } else {
        text += cursor.take() + cursor.takeOrdinary(quotedStops);
      }
      cursor.need(2);
    }
    if (cursor.char() === quote) break;
    while (cursor.isBlank() || cursor.isBreak()) {
      gap.take(cursor);
      cursor.need(1);
    }
    text += gap.folded();
  }
  cursor.skip();
  return token('scalar', start, cursor.mark, { value: text });
}

function escaped(cursor: Cursor, start: Token['start']): string {
  const letter = cursor.char(1);
  const digits = numbered[letter];
  const plain = escapes[letter];
  if (plain === undefined && digits === undefined)
    throw scannerError('found unknown escape character', cursor.mark, start);
  cursor.skip(2);
  if (digits === undefined) return plain as string;
  let code = 0;
  for (let i = 0; i < digits; i++) {
    const digit = cursor.char(i);
    if (!/^[0-9a-fA-F]$/.test(digit))
      throw scannerError('did not find expected hexdecimal number', cursor.mark, start);
    code = code * 16 + Number.parseInt(digit, 16);
  }
  if ((code >= 0xd800 && code <= 0xdfff) || code > lastCharacter)
    throw scannerError('found invalid Unicode character escape code', cursor.mark, start);
  cursor.skip(digits);
  return String.fromCodePoint(code);
}

/**
 * Scans a text without quotes, which begins here.
 *
 * @param indent the least column of its further lines
 * @returns the token, and whether a line ended behind it
 */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): readonly [Token, boolean] {
  const start = cursor.mark;
  let text = '';
  let gap = new Gap();
  for (;;) {
    cursor.need(4);
    if (cursor.atDocumentIndicator || cursor.char() === '#') break;
    while (!cursor.isBlankOrEnd() && !endsPlain(cursor, inFlow)) {
      if (!gap.empty) {
        text += gap.folded();
        gap = new Gap();
      }
      text += cursor.take() + cursor.takeOrdinary(plainStops);
      cursor.need(2);
    }
    if (!cursor.isBlank() && !cursor.isBreak()) break;
    while (cursor.isBlank() || cursor.isBreak()) {
      if (gap.broken && cursor.column < indent && cursor.char() === '\t')
        throw scannerError('found a tab character that violates indentation', cursor.mark, start);
      gap.take(cursor);
      cursor.need(1);
    }
    if (!inFlow && cursor.column < indent) break;
  }
  return [token('scalar', start, start, { value: text, plain: true }), gap.broken];
}

function endsPlain(cursor: Cursor, inFlow: boolean): boolean {
  const ch = cursor.char();
  return (ch === ':' && cursor.isBlankOrEnd(1)) || (inFlow && ',?[]{}'.includes(ch));
}

/**
 * Scans a literal or folded text, which begins with its indicator here.
 *
 * @param outer the column of the collection that it lies in; -1 where it lies in none
 */
export function scanBlock(cursor: Cursor, outer: number): Token {
  const start = cursor.mark;
  const folded = cursor.take() === '>';
  const { chomping, increment } = blockHeader(cursor, start);
  let indent = increment === 0 ? 0 : Math.max(outer, 0) + increment;
  let text = '';
  let lineBreak = '';
  let leadingBlank = false;
  let breaks: string;
  [breaks, indent] = blockBreaks(cursor, indent, outer, start);
  while (cursor.column === indent && !cursor.atEnd) {
    const blank = cursor.isBlank();
    if (folded && lineBreak === '\n' && !leadingBlank && !blank) text += breaks === '' ? ' ' : '';
    else text += lineBreak;
    text += breaks;
    leadingBlank = blank;
    while (!cursor.isBreakOrEnd()) {
      text += cursor.take();
      cursor.need(1);
    }
    lineBreak = cursor.takeBreak();
    [breaks, indent] = blockBreaks(cursor, indent, outer, start);
  }
  if (chomping !== '-') text += lineBreak;
  if (chomping === '+') text += breaks;
  return token('scalar', start, cursor.mark, { value: text });
}

/** The chomping and indentation indicators, in any order, and the rest of their line. */
function blockHeader(cursor: Cursor, start: Token['start']): { chomping: string; increment: number } {
  let chomping = '';
  let increment = 0;
  for (let i = 0; i < 2; i++) {
    const ch = cursor.char();
    if (chomping === '' && (ch === '+' || ch === '-')) {
      chomping = ch;
    } else if (increment === 0 && ch >= '0' && ch <= '9') {
      if (ch === '0') throw scannerError('found an indentation indicator equal to 0', cursor.mark, start);
      increment = Number(ch);
    } else {
      break;
    }
    cursor.skip();
  }
  cursor.skipBlanks();
  cursor.skipComment();
  if (!cursor.isBreakOrEnd())
    throw scannerError('did not find expected comment or line break', cursor.mark, start);
  cursor.takeBreak();
  return { chomping, increment };
}

/** Takes empty lines and indentation; the first line with something in it tells the indentation if none is known. */
function blockBreaks(
  cursor: Cursor,
  indent: number,
  outer: number,
  start: Token['start'],
): [breaks: string, indent: number] {
  let breaks = '';
  let widest = 0;
  for (;;) {
    cursor.need(1);
    while ((indent === 0 || cursor.column < indent) && cursor.char() === ' ') cursor.skip();
    widest = Math.max(widest, cursor.column);
    if ((indent === 0 || cursor.column < indent) && cursor.char() === '\t')
      throw scannerError('found a tab character where an indentation space is expected', cursor.mark, start);
    if (!cursor.isBreak()) break;
    breaks += cursor.takeBreak();
  }
  return [breaks, indent === 0 ? Math.max(widest, outer + 1, 1) : indent];
}
