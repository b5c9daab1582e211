import { Cursor } from './cursor.ts';
import { readerFault } from './reader-fault.ts';
import { scanAnchor, scanDirective, scanTag } from './scan-properties.ts';
import { scanBlock, scanPlain, scanQuoted } from './scan-scalar.ts';
import { type Token, token } from './token.ts';
import { type Mark, scannerError } from './yaml-syntax-error.ts';

/** A key on one line may be so many characters long. */
const longestKey = 1024;
/** `---` and what ends it. */
const longestIndicator = 4;

/** A token that would be a key if a colon followed it. */
interface PossibleKey {
  readonly number: number;
  readonly mark: Mark;
  /** Nothing else can stand there. */
  readonly required: boolean;
}

/** What begins a token of its own and cannot begin a text without quotes. */
const indicators = '-?:,[]{}#&*!|>\'"%@`';

/**
 * Cuts a YAML text into tokens, as libyaml does: a key is told from other texts only by the colon behind it, so the
 * tokens that announce it are put in before it then.
 */
export class Scanner {
  readonly #cursor: Cursor;
  readonly #queue: Token[] = [];
  /** How many tokens were taken from the queue. */
  #taken = 0;
  #indent = -1;
  readonly #indents: number[] = [];
  /** For each flow collection that is open, and for the block around them. */
  readonly #keys: (PossibleKey | undefined)[] = [undefined];
  /** The same by the number of the token. */
  readonly #keyAt = new Map<number, PossibleKey>();
  #keyAllowed = true;
  /** For each flow collection that is open: its own token, or the last in it that was a possible key. */
  readonly #noted: number[] = [];

  /** @param bytes the text's bytes, where they may be no UTF-8 */
  constructor(text: string, bytes?: Uint8Array) {
    this.#cursor = new Cursor(text, readerFault(text, bytes));
  }

  /** The next token, which stays. */
  peek(): Token {
    while (this.#queue.length === 0 || this.#mayBecomeKey()) this.#fetch();
    return this.#queue[0] as Token;
  }

  /** Takes the token that was looked at last. */
  skip(): void {
    this.#queue.shift();
    this.#taken++;
  }

  get #inFlow(): boolean {
    return this.#keys.length > 1;
  }

  #mayBecomeKey(): boolean {
    const key = this.#keyAt.get(this.#taken);
    return key !== undefined && this.#isPossible(key);
  }

  #isPossible(key: PossibleKey): boolean {
    const { line, index } = this.#cursor;
    if (key.mark.line === line && key.mark.index + longestKey >= index) return true;
    if (key.required) throw scannerError("could not find expected ':'", this.#cursor.mark, key.mark);
    this.#forget(key);
    return false;
  }

  #forget(key: PossibleKey): void {
    this.#keyAt.delete(key.number);
    const level = this.#keys.lastIndexOf(key);
    if (level >= 0) this.#keys[level] = undefined;
  }

  /** Notes that the next token may be a key. */
  #expectKey(): void {
    if (!this.#keyAllowed) return;
    this.#dropKey();
    const cursor = this.#cursor;
    const key = {
      number: this.#taken + this.#queue.length,
      mark: cursor.mark,
      required: !this.#inFlow && this.#indent === cursor.column,
    };
    this.#keys[this.#keys.length - 1] = key;
    this.#keyAt.set(key.number, key);
    if (this.#inFlow) this.#noted[this.#noted.length - 1] = key.number;
  }

  #dropKey(): void {
    const key = this.#keys.at(-1);
    if (key === undefined) return;
    if (key.required) throw scannerError("could not find expected ':'", this.#cursor.mark, key.mark);
    this.#forget(key);
  }

  /** Begins a block collection if the column is deeper than the one around. */
  #roll(column: number, kind: Token['kind'], mark: Mark, at = this.#queue.length): void {
    if (this.#inFlow || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    this.#insert(at, token(kind, mark));
  }

  /** Puts a token in before others; at the end where what it announces was taken already. */
  #insert(at: number, inserted: Token): void {
    this.#queue.splice(at < 0 ? this.#queue.length : at, 0, inserted);
  }

  /** Ends the block collections that are deeper than the column. */
  #unroll(column: number): void {
    if (this.#inFlow) return;
    while (this.#indent > column) {
      this.#queue.push(token('block-end', this.#cursor.mark));
      this.#indent = this.#indents.pop() as number;
    }
  }

  #fetch(): void {
    const cursor = this.#cursor;
    this.#toNextToken();
    this.#unroll(cursor.column);
    cursor.need(longestIndicator);
    const ch = cursor.char();
    if (cursor.atEnd) this.#streamEnd();
    else if (cursor.column === 0 && ch === '%') this.#outside(() => scanDirective(cursor));
    else if (cursor.atDocumentIndicator)
      this.#outside(() => this.#mark(ch === '-' ? 'document-start' : 'document-end', 3));
    else if (!this.#structure(ch)) this.#content(this.#contentOf(ch));
  }

  /** Takes an indicator of structure, or a block scalar; false where none stands here. */
  #structure(ch: string): boolean {
    const indicator = this.#inFlow || this.#cursor.isBlankOrEnd(1);
    if (ch === '[' || ch === '{') this.#openFlow(ch);
    else if (ch === ']' || ch === '}') this.#closeFlow(ch);
    else if (ch === ',') this.#separator('flow-entry', true);
    else if (ch === '-' && this.#cursor.isBlankOrEnd(1)) this.#blockEntry();
    else if (ch === '?' && indicator) this.#explicitKey();
    else if (ch === ':' && indicator) this.#value();
    else if ((ch === '|' || ch === '>') && !this.#inFlow) this.#blockScalar();
    else return false;
    return true;
  }

  #contentOf(ch: string): () => Token {
    const cursor = this.#cursor;
    switch (ch) {
      case '*':
        return () => scanAnchor(cursor, 'alias');
      case '&':
        return () => scanAnchor(cursor, 'anchor');
      case '!':
        return () => scanTag(cursor);
      case "'":
      case '"':
        return () => scanQuoted(cursor);
    }
    if (this.#beginsPlain(ch)) return () => this.#plain();
    throw scannerError('found character that cannot start any token', cursor.mark, cursor.mark);
  }

  #beginsPlain(ch: string): boolean {
    const cursor = this.#cursor;
    if (ch === '-') return !cursor.isBlank(1);
    if (ch === '?' || ch === ':') return !this.#inFlow && !cursor.isBlankOrEnd(1);
    return !cursor.isBlankOrEnd() && !indicators.includes(ch);
  }

  /** Passes over blanks, comments and line breaks. Tabs may not indent what can be a key. */
  #toNextToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      cursor.need(1);
      while (cursor.char() === ' ' || (cursor.char() === '\t' && (this.#inFlow || !this.#keyAllowed))) {
        cursor.skip();
        cursor.need(1);
      }
      cursor.skipComment();
      if (!cursor.isBreak()) return;
      cursor.takeBreak();
      if (!this.#inFlow) this.#keyAllowed = true;
    }
  }

  /** Takes an indicator of so many characters. */
  #mark(kind: Token['kind'], size = 1): Token {
    const start = this.#cursor.mark;
    this.#cursor.skip(size);
    return token(kind, start, this.#cursor.mark);
  }

  #streamEnd(): void {
    this.#cursor.finish();
    this.#outside(() => token('stream-end', this.#cursor.mark));
  }

  /** A token that stands outside of every document. */
  #outside(scan: () => Token): void {
    this.#unroll(-1);
    this.#dropKey();
    this.#keyAllowed = false;
    this.#queue.push(scan());
  }

  /** A token that may be a key, and that no key can follow. */
  #content(scan: () => Token): void {
    this.#expectKey();
    this.#keyAllowed = false;
    this.#queue.push(scan());
  }

  #separator(kind: Token['kind'], keyAllowed: boolean): void {
    this.#dropKey();
    this.#keyAllowed = keyAllowed;
    this.#queue.push(this.#mark(kind));
  }

  #openFlow(ch: '[' | '{'): void {
    this.#expectKey();
    this.#keys.push(undefined);
    this.#noted.push(this.#taken + this.#queue.length);
    this.#keyAllowed = true;
    this.#queue.push(this.#mark(ch === '[' ? 'flow-sequence-start' : 'flow-mapping-start'));
  }

  #closeFlow(ch: ']' | '}'): void {
    this.#dropKey();
    if (this.#inFlow) {
      this.#keys.pop();
      // An empty collection is not waited for to become a key.
      this.#keyAt.delete(this.#noted.pop() as number);
    }
    this.#keyAllowed = false;
    this.#queue.push(this.#mark(ch === ']' ? 'flow-sequence-end' : 'flow-mapping-end'));
  }

  #blockEntry(): void {
    const { mark } = this.#cursor;
    if (!this.#inFlow && !this.#keyAllowed)
      throw scannerError('block sequence entries are not allowed in this context', mark, mark);
    this.#roll(mark.column, 'block-sequence-start', mark);
    this.#separator('block-entry', true);
  }

  #explicitKey(): void {
    const { mark } = this.#cursor;
    if (!this.#inFlow && !this.#keyAllowed)
      throw scannerError('mapping keys are not allowed in this context', mark, mark);
    this.#roll(mark.column, 'block-mapping-start', mark);
    this.#separator('key', !this.#inFlow);
  }

  #value(): void {
    const { mark } = this.#cursor;
    const key = this.#keys.at(-1);
    if (key !== undefined && this.#isPossible(key)) {
      const at = key.number - this.#taken;
      this.#insert(at, token('key', key.mark));
      this.#roll(key.mark.column, 'block-mapping-start', key.mark, at);
      this.#forget(key);
      this.#keyAllowed = false;
    } else {
      if (!this.#inFlow && !this.#keyAllowed)
        throw scannerError('mapping values are not allowed in this context', mark, mark);
      this.#roll(mark.column, 'block-mapping-start', mark);
      this.#keyAllowed = !this.#inFlow;
    }
    this.#queue.push(this.#mark('value'));
  }

  #blockScalar(): void {
    this.#dropKey();
    this.#keyAllowed = true;
    this.#queue.push(scanBlock(this.#cursor, this.#indent));
  }

  #plain(): Token {
    const [found, lineEnded] = scanPlain(this.#cursor, this.#indent + 1, this.#inFlow);
    if (lineEnded) this.#keyAllowed = true;
    return found;
  }
}
