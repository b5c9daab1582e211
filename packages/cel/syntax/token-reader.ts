import type { Issue } from '../issue.ts';
import { type Token, type Tokens, type TokenType, tokenize } from './lexer.ts';

/** What may come after a part of a rule; `end`: the rule may end there, and what comes after it counts too. */
export interface Follow {
  readonly types: ReadonlySet<TokenType>;
  readonly end: boolean;
}

export function follow(types: readonly TokenType[], end: boolean): Follow {
  return { types: new Set(types), end };
}

/** What ends a rule: the tokens that may not stand where they do. */
class SyntaxFault extends Error {
  readonly at: number;
  /** Names the place in the grammar: the same twice at one token means that there is no way on but past it. */
  readonly place: string;

  constructor(at: number, message: string, place: string) {
    super(message);
    this.at = at;
    this.place = place;
  }
}

/** Parsing cannot go on. */
class GivenUp extends Error {}

const mostRecoveries = 30;

/** Types in the order in which sets of them are printed. */
const printed: readonly TokenType[] = [
  ...(
    ['==', '!=', 'in', '<', '<=', '>=', '>', '&&', '||', '[', ']', '{', '}', '(', ')', '.', ','] as const
  ).map((text): TokenType => `'${text}'`),
  ...(['-', '!', '?', ':', '+', '*', '/', '%', 'true', 'false', 'null'] as const).map(
    (text): TokenType => `'${text}'`,
  ),
  'NUM_FLOAT',
  'NUM_INT',
  'NUM_UINT',
  'STRING',
  'BYTES',
  'IDENTIFIER',
  'ESC_IDENTIFIER',
];

function shownSet(types: ReadonlySet<TokenType>): string {
  const shown = printed.filter((type) => types.has(type));
  return shown.length === 1 ? (shown[0] as string) : `{${shown.join(', ')}}`;
}

/**
 * Tokens one by one, with the strategy of ANTLR where they are not as the grammar wants them: one token too many or too
 * few is made up for, else the rule ends at a token that one of the rules around it can go on with. Each fault is
 * told of once.
 */
export class TokenReader {
  readonly issues: Issue[];
  readonly #source: string;
  readonly #tokens: Tokens['tokens'];
  readonly #refused: Tokens['refused'];
  readonly #follows: Follow[] = [];
  readonly #lastPlaces = new Set<string>();
  #next = 0;
  #recovering = false;
  #lastFault = -1;
  #recoveries = 0;

  constructor(source: string) {
    const { tokens, refused, issues } = tokenize(source);
    this.#source = source;
    this.#tokens = tokens;
    this.#refused = refused;
    this.issues = issues;
  }

  get token(): Token {
    return this.#tokens[this.#next] as Token;
  }

  peek(): Token {
    return this.#tokens[Math.min(this.#next + 1, this.#tokens.length - 1)] as Token;
  }

  is(type: TokenType): boolean {
    return this.token.type === type;
  }

  /** The token, which is as it should be. */
  take(): Token {
    this.#settle();
    return this.#consume();
  }

  accept(type: TokenType): Token | undefined {
    return this.is(type) ? this.take() : undefined;
  }

  /** Begins a part of a rule that is followed by what is given; `leave` ends it, unless the rule ends early. */
  enter(after: Follow): void {
    this.#follows.push(after);
  }

  leave(): void {
    this.#follows.pop();
  }

  /** What a rule that begins here hands to `endEarly`. */
  get mark(): number {
    return this.#follows.length;
  }

  /** Ends a rule at what was thrown in it, so that reading goes on behind. @throws what is no fault of the source */
  endEarly(mark: number, thrown: unknown): void {
    if (!(thrown instanceof SyntaxFault)) throw thrown;
    this.#follows.length = mark;
    this.#report(thrown.at, thrown.message);
    this.#recover(thrown.place);
  }

  /** Reads a source whole; undefined where that was given up. */
  attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (fault) {
      if (fault instanceof GivenUp) return undefined;
      throw fault;
    }
  }

  /** Stops reading: the fault is of the whole. */
  giveUp(message: string): never {
    this.issues.push({ at: -1, message });
    throw new GivenUp();
  }

  /** Requires one of the types ahead, past at most one token that should not be there. */
  sync(expected: ReadonlySet<TokenType>, place: string): void {
    if (this.#recovering || expected.has(this.token.type)) return;
    if (!expected.has(this.peek().type)) throw this.#mismatch(shownSet(expected), place);
    this.#reportExtraneous(shownSet(expected));
    this.#consume();
    this.#settle();
  }

  /** As `sync` between repetitions: goes past all that should not be there. */
  skipTo(expected: ReadonlySet<TokenType>): void {
    if (this.#recovering || expected.has(this.token.type)) return;
    this.#reportExtraneous(shownSet(expected));
    this.#consumeUntil((type) => expected.has(type) || this.#canGoOnWith(type));
  }

  /** Takes a token of the type; one too many before it, or its own absence, is made up for. */
  match(type: TokenType, after: Follow, place: string): void {
    if (this.is(type)) {
      this.take();
      return;
    }
    this.#countRecovery();
    if (this.peek().type === type) {
      this.#reportExtraneous(type);
      this.#consume();
      this.take();
    } else if (this.#mayFollow(after, this.token.type)) {
      this.#report(this.token.at, `missing ${type} at ${this.#shown(this.token)}`);
    } else throw this.#mismatch(type, place);
  }

  /** The fault that no way through the grammar leads from one token to another. */
  noWay(from: Token, to: Token, place: string): Error {
    const shown = from.type === '<EOF>' ? '<EOF>' : escaped(this.#textOf(from.at, to.end));
    return new SyntaxFault(to.at, `no viable alternative at input '${shown}'`, place);
  }

  /** The fault that the token is none of the types. */
  wrong(expected: ReadonlySet<TokenType>, place: string, at = this.token): Error {
    return new SyntaxFault(
      at.at,
      `mismatched input ${this.#shown(at)} expecting ${shownSet(expected)}`,
      place,
    );
  }

  /** A part of the source as its tokens have it. */
  #textOf(from: number, to: number): string {
    let text = '';
    let at = from;
    for (const gap of this.#refused) {
      if (gap.at < from || gap.at >= to) continue;
      text += this.#source.slice(at, gap.at);
      at = gap.end;
    }
    return text + this.#source.slice(at, to);
  }

  #mismatch(expected: string, place: string): Error {
    const { token } = this;
    return new SyntaxFault(token.at, `mismatched input ${this.#shown(token)} expecting ${expected}`, place);
  }

  #reportExtraneous(expected: string): void {
    const { token } = this;
    this.#report(token.at, `extraneous input ${this.#shown(token)} expecting ${expected}`);
  }

  #report(at: number, message: string): void {
    if (this.#recovering) return;
    this.#recovering = true;
    this.issues.push({ at, message: `Syntax error: ${message}` });
  }

  #shown({ type, at, end }: Token): string {
    return type === '<EOF>' ? `'<EOF>'` : `'${escaped(this.#source.slice(at, end))}'`;
  }

  #settle(): void {
    this.#recovering = false;
    this.#lastFault = -1;
    this.#lastPlaces.clear();
  }

  #consume(): Token {
    const { token } = this;
    if (token.type !== '<EOF>') this.#next++;
    return token;
  }

  #recover(place: string): void {
    this.#countRecovery();
    if (this.#lastFault === this.#next && this.#lastPlaces.has(place)) this.#consume();
    this.#lastFault = this.#next;
    this.#lastPlaces.add(place);
    this.#consumeUntil((type) => this.#canGoOnWith(type));
  }

  #countRecovery(): void {
    if (this.#recoveries++ < mostRecoveries) return;
    const message = `Syntax error: error recovery attempt limit exceeded: ${mostRecoveries}`;
    this.issues.push({ at: this.token.at, message });
    throw new GivenUp();
  }

  #consumeUntil(stops: (type: TokenType) => boolean): void {
    while (!this.is('<EOF>') && !stops(this.token.type)) this.#consume();
  }

  #canGoOnWith(type: TokenType): boolean {
    return this.#follows.some(({ types }) => types.has(type));
  }

  /** Whether a token may come next, seen from where the rules around are. */
  #mayFollow(after: Follow, type: TokenType): boolean {
    if (after.types.has(type)) return true;
    if (!after.end) return false;
    for (const { types, end } of this.#follows.toReversed()) {
      if (types.has(type)) return true;
      if (!end) return false;
    }
    return false;
  }
}

function escaped(text: string): string {
  return text.replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}
