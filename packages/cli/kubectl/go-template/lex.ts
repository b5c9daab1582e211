import { Failure } from '../error-text.ts';

export type TokenKind =
  | 'text'
  | 'open'
  | 'close'
  | 'space'
  | 'field'
  | 'variable'
  | 'identifier'
  | 'bool'
  | 'nil'
  | 'number'
  | 'char'
  | 'string'
  | 'dot'
  | 'pipe'
  | 'declare'
  | 'assign'
  | 'comma'
  | 'left'
  | 'right'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Where it stands in the template. */
  readonly at: number;
}

/** The parts of an action, tried in this order; each must match where the last one ended. */
const parts: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', /[ \t\r\n]+/y],
  ['string', /"(?:[^"\\\n]|\\.)*"|`[^`]*`/y],
  ['char', /'(?:[^'\\\n]|\\.)+'/y],
  ['declare', /:=/y],
  ['assign', /=/y],
  ['pipe', /\|/y],
  ['comma', /,/y],
  ['left', /\(/y],
  ['right', /\)/y],
  ['variable', /\$[\p{L}\p{N}_]*/uy],
  [
    'number',
    /[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y,
  ],
  ['field', /\.[\p{L}_][\p{L}\p{N}_]*/uy],
  ['dot', /\./y],
  ['identifier', /[\p{L}_][\p{L}\p{N}_]*/uy],
];

/** Cuts a template into text and the parts of its actions. Throws `Failure` with text/template's texts. */
export function lexTemplate(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trimNext = false;
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    const end = open < 0 ? source.length : open;
    let text = source.slice(at, end);
    if (trimNext) text = text.trimStart();
    const trimBefore = open >= 0 && /^\{\{-[ \t\r\n]/.test(source.slice(open, open + 4));
    if (trimBefore) text = text.trimEnd();
    if (text !== '') tokens.push({ kind: 'text', text, at });
    if (open < 0) break;
    const start = open + (trimBefore ? 3 : 2);
    const comment = /^\s*\/\*[\s\S]*?\*\/\s*?(?: -)?\}\}/.exec(source.slice(start));
    if (comment !== null) {
      trimNext = comment[0].endsWith(' -}}');
      at = start + comment[0].length;
      continue;
    }
    tokens.push({ kind: 'open', text: '{{', at: open });
    at = lexAction(source, start, tokens);
    trimNext = /[ \t\r\n]-\}\}$/.test(source.slice(0, at));
    tokens.push({ kind: 'close', text: '}}', at: at - 2 });
  }
  tokens.push({ kind: 'end', text: '', at: source.length });
  return tokens;
}

/** Reads one action; gives where its `}}` ends. */
function lexAction(source: string, start: number, tokens: Token[]): number {
  let at = start;
  for (;;) {
    if (source.startsWith('}}', at)) return at + 2;
    if (/^[ \t\r\n]-\}\}/.test(source.slice(at, at + 4))) return at + 4;
    const token = partAt(source, at);
    if (token === undefined) throw new Failure(templateError(source, at, faultAt(source, at)));
    tokens.push(token);
    at += token.text.length;
  }
}

function partAt(source: string, at: number): Token | undefined {
  for (const [kind, pattern] of parts) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text === undefined) continue;
    if (kind === 'identifier' && (text === 'true' || text === 'false')) return { kind: 'bool', text, at };
    if (kind === 'identifier' && text === 'nil') return { kind: 'nil', text, at };
    return { kind, text, at };
  }
  return undefined;
}

function faultAt(source: string, at: number): string {
  const char = source[at];
  if (char === undefined) return 'unclosed action';
  if (char === '"') return 'unterminated quoted string';
  if (char === '`') return 'unterminated raw quoted string';
  if (char === "'") return 'unterminated character constant';
  if (char === '}') return 'unexpected "}" in operand';
  const code = source.codePointAt(at) as number;
  return `unrecognized character in action: U+${code.toString(16).toUpperCase().padStart(4, '0')} '${String.fromCodePoint(code)}'`;
}

/** An error about a place in a template, as text/template words one about parsing. */
export function templateError(source: string, at: number, why: string): string {
  return `template: output:${source.slice(0, at).split('\n').length}: ${why}`;
}
