import { Failure } from '../error-text.ts';

/** A node of a JSONPath template (client-go's util/jsonpath). */
export type PathNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly nodes: readonly PathNode[] }
  | { readonly kind: 'field'; readonly name: string }
  | {
      readonly kind: 'array';
      readonly start?: number;
      readonly end?: number;
      readonly step?: number;
      readonly single: boolean;
    }
  | { readonly kind: 'filter'; readonly left: PathNode; readonly right: PathNode; readonly operator: string }
  | { readonly kind: 'union'; readonly nodes: readonly PathNode[] }
  | { readonly kind: 'literal'; readonly value: number | string | boolean }
  | { readonly kind: 'wildcard' | 'recursive' | 'root' | 'current' }
  | { readonly kind: 'range' | 'end' };

/** Parses a template such as `{.items[*].metadata.name}{"\n"}`. Throws `Failure` with client-go's texts. */
export function parseTemplate(text: string): PathNode[] {
  const nodes: PathNode[] = [];
  let rest = text;
  while (rest !== '') {
    const open = rest.indexOf('{');
    if (open < 0) {
      nodes.push({ kind: 'text', text: rest });
      break;
    }
    if (open > 0) nodes.push({ kind: 'text', text: rest.slice(0, open) });
    const close = actionEnd(rest, open + 1);
    nodes.push(...parseAction(rest.slice(open + 1, close)));
    rest = rest.slice(close + 1);
  }
  return nodes;
}

/** The place of the `}` that ends the action; braces in quotes do not count. */
function actionEnd(text: string, start: number): number {
  let quote = '';
  for (let i = start; i < text.length; i++) {
    const char = text[i] as string;
    if (char === '\\') i++;
    else if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (char === '}') return i;
  }
  throw new Failure('unclosed action');
}

function parseAction(text: string): PathNode[] {
  const nodes: PathNode[] = [];
  const parser = new ActionParser(text);
  for (let node = parser.next(); node !== undefined; node = parser.next()) nodes.push(node);
  return nodes;
}

class ActionParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next path, text or keyword of the action. */
  next(): PathNode | undefined {
    while (this.#peek() === ' ' || this.#peek() === '\t') this.#at++;
    const char = this.#peek();
    if (char === undefined) return undefined;
    if (char === '"' || char === "'") return { kind: 'text', text: this.#quoted() };
    const rest = this.#text.slice(this.#at);
    const number = /^[+-]?\d+(?:\.\d+)?(?=[\s)\]]|$)/.exec(rest);
    if (number) {
      this.#at += number[0].length;
      return { kind: 'literal', value: Number(number[0]) };
    }
    const word = /^[A-Za-z]\w*/.exec(rest)?.[0];
    if (word === 'range' || word === 'end' || word === 'true' || word === 'false') {
      this.#at += word.length;
      if (word === 'true' || word === 'false') return { kind: 'literal', value: word === 'true' };
      return { kind: word };
    }
    const path = this.#path();
    if (path.kind === 'list' && path.nodes.length === 0) {
      throw new Failure(
        word === undefined
          ? `unrecognized character in action: U+${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')} '${char}'`
          : `unrecognized identifier ${word}`,
      );
    }
    return path;
  }

  #path(): PathNode {
    const nodes: PathNode[] = [];
    for (let char = this.#peek(); char !== undefined; char = this.#peek()) {
      if (char === '$') {
        this.#at++;
        nodes.push({ kind: 'root' });
      } else if (char === '@') {
        this.#at++;
        nodes.push({ kind: 'current' });
      } else if (char === '.') {
        this.#at++;
        if (this.#peek() === '.') {
          this.#at++;
          nodes.push({ kind: 'recursive' });
          if (this.#peek() !== '[') nodes.push(...this.#field());
        } else nodes.push(...this.#field());
      } else if (char === '*') {
        this.#at++;
        nodes.push({ kind: 'wildcard' });
      } else if (char === '[') nodes.push(this.#bracket());
      else break;
    }
    return { kind: 'list', nodes };
  }

  #field(): PathNode[] {
    if (this.#peek() === '*') {
      this.#at++;
      return [{ kind: 'wildcard' }];
    }
    let name = '';
    for (let char = this.#peek(); char !== undefined; char = this.#peek()) {
      if (char === '\\' && this.#at + 1 < this.#text.length) {
        name += this.#text[this.#at + 1];
        this.#at += 2;
      } else if (/[\s.[\](){}$@,"'|=<>!]/.test(char)) break;
      else {
        name += char;
        this.#at++;
      }
    }
    return name === '' ? [] : [{ kind: 'field', name }];
  }

  #bracket(): PathNode {
    const close = this.#closing();
    const inner = this.#text.slice(this.#at + 1, close).trim();
    this.#at = close + 1;
    if (inner === '*') return { kind: 'wildcard' };
    if (inner.startsWith('?(') && inner.endsWith(')')) return filterOf(inner.slice(2, -1));
    const parts = splitOutside(inner, ',');
    if (parts.length > 1) return { kind: 'union', nodes: parts.map((part) => elementOf(part.trim())) };
    return elementOf(inner);
  }

  #closing(): number {
    let depth = 0;
    let quote = '';
    for (let i = this.#at; i < this.#text.length; i++) {
      const char = this.#text[i] as string;
      if (char === '\\') i++;
      else if (quote !== '') quote = char === quote ? '' : quote;
      else if (char === '"' || char === "'") quote = char;
      else if (char === '[') depth++;
      else if (char === ']' && --depth === 0) return i;
    }
    throw new Failure('unterminated array');
  }

  #quoted(): string {
    const quote = this.#text[this.#at] as string;
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text[end] !== quote) end += this.#text[end] === '\\' ? 2 : 1;
    if (end >= this.#text.length) throw new Failure('unterminated quoted string');
    const raw = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return unescapeText(raw);
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }
}

function elementOf(text: string): PathNode {
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  if (quoted) return { kind: 'field', name: unescapeText(quoted[2] as string) };
  const slice = /^(-?\d*)(:(-?\d*))?(:(-?\d*))?$/.exec(text);
  if (!slice || text === '') throw new Failure(`invalid array index ${text}`);
  const number = (part: string | undefined) => (part === undefined || part === '' ? undefined : Number(part));
  const [start, end, step] = [number(slice[1]), number(slice[3]), number(slice[5])];
  return {
    kind: 'array',
    single: slice[2] === undefined,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(step === undefined ? {} : { step }),
  };
}

function filterOf(text: string): PathNode {
  const operator = /(==|!=|<=|>=|<|>)/;
  const parts = splitOutside(text, operator);
  const side = (part: string): PathNode => ({ kind: 'list', nodes: parseAction(part.trim()) });
  if (parts.length === 1) return { kind: 'filter', left: side(text), right: side(''), operator: 'exists' };
  const [left = '', sign = '', right = ''] = parts;
  return { kind: 'filter', left: side(left), right: side(right), operator: sign };
}

/** Splits where the separator stands outside quotes; a regular expression's match is kept as a part. */
function splitOutside(text: string, separator: string | RegExp): string[] {
  let quote = '';
  const parts: string[] = [''];
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    const found =
      quote === '' &&
      (typeof separator === 'string'
        ? char === separator && separator
        : new RegExp(separator.source, 'y').exec(text.slice(i))?.[0]);
    if (found) {
      if (typeof separator !== 'string') parts.push(found);
      parts.push('');
      i += found.length - 1;
      continue;
    }
    if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    parts[parts.length - 1] += char;
  }
  return parts;
}

function unescapeText(text: string): string {
  const named: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
  return text.replaceAll(/\\(.)/gs, (_, char: string) => named[char] ?? char);
}
