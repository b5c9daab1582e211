import type { ReaderFault } from './reader-fault.ts';
import { type Mark, YamlSyntaxError } from './yaml-syntax-error.ts';

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const firstPastAscii = 0x7f;
const nextLine = 0x85;
const lineSeparator = 0x2028;
const paragraphSeparator = 0x2029;
const byteOrderMark = 0xfeff;

/** Where the scanner is in a text: code units to look at, with lines and columns counted in characters. */
export class Cursor {
  readonly #text: string;
  readonly #fault: ReaderFault | undefined;
  #at = 0;
  index = 0;
  line = 0;
  column = 0;

  /** @param fault what of the text cannot be had */
  constructor(text: string, fault: ReaderFault | undefined) {
    this.#text = text;
    this.#fault = fault;
    if (text.charCodeAt(0) === byteOrderMark) this.#at = 1;
  }

  get mark(): Mark {
    return { index: this.index, line: this.line, column: this.column };
  }

  /**
   * Makes sure that so many characters can be looked at.
   *
   * @throws YamlSyntaxError
   */
  need(count: number): void {
    if (this.#fault !== undefined && this.#at + count > this.#fault.limit)
      throw new YamlSyntaxError(`yaml: ${this.#fault.problem}`);
  }

  /** The code unit so far ahead; 0 at the end of the text. */
  code(ahead = 0): number {
    return this.#text.charCodeAt(this.#at + ahead) || 0;
  }

  /** The character so far ahead; '' at the end of the text. */
  char(ahead = 0): string {
    return this.#text[this.#at + ahead] ?? '';
  }

  /** Whether the line begins with `---` or `...` that stands alone. */
  get atDocumentIndicator(): boolean {
    if (this.column !== 0) return false;
    const ch = this.char();
    return (ch === '-' || ch === '.') && ch === this.char(1) && ch === this.char(2) && this.isBlankOrEnd(3);
  }

  get atEnd(): boolean {
    return this.code() === 0;
  }

  isBlank(ahead = 0): boolean {
    const code = this.code(ahead);
    return code === space || code === tab;
  }

  isBreak(ahead = 0): boolean {
    const code = this.code(ahead);
    return (
      code === lineFeed ||
      code === carriageReturn ||
      code === nextLine ||
      code === lineSeparator ||
      code === paragraphSeparator
    );
  }

  isBreakOrEnd(ahead = 0): boolean {
    return this.isBreak(ahead) || this.code(ahead) === 0;
  }

  isBlankOrEnd(ahead = 0): boolean {
    return this.isBlank(ahead) || this.isBreakOrEnd(ahead);
  }

  /** What YAML calls a word character. */
  isWord(ahead = 0): boolean {
    return /^[\w-]$/.test(this.char(ahead));
  }

  /** Takes a character that is no line break. */
  take(): string {
    const code = this.#text.codePointAt(this.#at) ?? 0;
    const ch = String.fromCodePoint(code);
    this.#at += ch.length;
    this.index++;
    this.column++;
    return ch;
  }

  /** Takes as many characters as mean nothing anywhere: letters, digits and a few more, none of which is in `stops`. */
  takeOrdinary(stops: string): string {
    const start = this.#at;
    let at = start;
    const end = Math.min(this.#text.length, this.#fault?.limit ?? this.#text.length);
    for (; at < end; at++) {
      const code = this.#text.charCodeAt(at);
      if (code <= space || code >= firstPastAscii || stops.includes(this.#text[at] as string)) break;
    }
    this.#at = at;
    this.index += at - start;
    this.column += at - start;
    return this.#text.slice(start, at);
  }

  skip(count = 1): void {
    for (let i = 0; i < count; i++) this.take();
  }

  skipBlanks(): void {
    while (this.isBlank()) this.skip();
  }

  /** Passes over a comment that begins here. */
  skipComment(): void {
    if (this.char() !== '#') return;
    while (!this.isBreakOrEnd()) {
      this.need(1);
      this.skip();
    }
  }

  /** Takes a line break, as it is kept in a text; '' where there is none. */
  takeBreak(): string {
    if (!this.isBreak()) return '';
    const code = this.code();
    const pair = code === carriageReturn && this.code(1) === lineFeed;
    this.#at += pair ? 2 : 1;
    this.index += pair ? 2 : 1;
    this.line++;
    this.column = 0;
    return code === lineSeparator || code === paragraphSeparator ? String.fromCharCode(code) : '\n';
  }

  /** Ends the last line. */
  finish(): void {
    if (this.column === 0) return;
    this.column = 0;
    this.line++;
  }
}
