import { Scanner } from './scanner.ts';
import type { Token } from './token.ts';
import { type Mark, parserError, YamlSyntaxError } from './yaml-syntax-error.ts';

/** A node of a document, as it was written. */
export type YamlNode = ScalarNode | CollectionNode | AliasNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly line: number;
  /** '' where it has none. */
  readonly tag: string;
  readonly text: string;
  /** Whether its text tells its type: it has neither quotes nor a tag. */
  readonly implicit: boolean;
}

export interface CollectionNode {
  readonly kind: 'sequence' | 'mapping';
  readonly line: number;
  /** Of a mapping: keys and values in turn. */
  readonly children: readonly YamlNode[];
}

export interface AliasNode {
  readonly kind: 'alias';
  readonly line: number;
  readonly name: string;
  readonly target: YamlNode;
}

const endsOfContent: ReadonlySet<Token['kind']> = new Set([
  'version-directive',
  'tag-directive',
  'document-start',
  'document-end',
  'stream-end',
] as const);

/**
 * Parses the first document of a YAML text, and of what follows only as much as tells where that ends; undefined
 * where the text has none.
 *
 * @param bytes the text's bytes, where they may be no UTF-8
 * @throws YamlSyntaxError with go-yaml's text
 */
export function parseDocument(text: string, bytes?: Uint8Array): YamlNode | undefined {
  return new NodeParser(new Scanner(text, bytes)).document();
}

class NodeParser {
  readonly #scanner: Scanner;
  readonly #handles = new Map<string, string>();
  readonly #anchors = new Map<string, YamlNode>();

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  document(): YamlNode | undefined {
    const first = this.#scanner.peek();
    if (first.kind === 'stream-end') return undefined;
    let node: YamlNode;
    if (first.kind !== 'document-start' && !first.kind.endsWith('directive')) {
      this.#directives();
      node = this.#node(true, false);
    } else {
      this.#directives();
      const { kind, start } = this.#scanner.peek();
      if (kind !== 'document-start') throw parserError('did not find expected <document start>', start);
      const next = this.#after();
      node = endsOfContent.has(next.kind) ? emptyScalar(next.start) : this.#node(true, false);
    }
    this.#scanner.peek();
    return node;
  }

  /** Takes a token; what follows it. */
  #after(): Token {
    this.#scanner.skip();
    return this.#scanner.peek();
  }

  #directives(): void {
    let versions = 0;
    let next = this.#scanner.peek();
    for (; next.kind === 'version-directive' || next.kind === 'tag-directive'; next = this.#after()) {
      if (next.kind === 'tag-directive') {
        if (this.#handles.has(next.value)) throw parserError('found duplicate %TAG directive', next.start);
        this.#handles.set(next.value, next.suffix);
      } else {
        if (versions++ > 0) throw parserError('found duplicate %YAML directive', next.start);
        if (next.value !== '1.1') throw parserError('found incompatible YAML document', next.start);
      }
    }
    if (!this.#handles.has('!')) this.#handles.set('!', '!');
    if (!this.#handles.has('!!')) this.#handles.set('!!', 'tag:yaml.org,2002:');
  }

  /**
   * @param block whether block collections may stand here
   * @param indentless whether entries of a sequence may, without more indentation
   */
  #node(block: boolean, indentless: boolean): YamlNode {
    let next = this.#scanner.peek();
    const { start } = next;
    if (next.kind === 'alias') return this.#alias(next);
    let anchor: string | undefined;
    let tagToken: Token | undefined;
    while ((next.kind === 'anchor' && anchor === undefined) || (next.kind === 'tag' && !tagToken)) {
      if (next.kind === 'anchor') anchor = next.value;
      else tagToken = next;
      next = this.#after();
    }
    const tag = tagToken === undefined ? '' : this.#tag(tagToken, start);
    const register = <T extends YamlNode>(node: T): T => {
      if (anchor !== undefined) this.#anchors.set(anchor, node);
      return node;
    };
    const collection = (kind: CollectionNode['kind'], read: (children: YamlNode[]) => void): YamlNode => {
      const children: YamlNode[] = [];
      const node = register({ kind, line: start.line, children });
      read(children);
      return node;
    };
    if (indentless && next.kind === 'block-entry')
      return collection('sequence', (items) => this.#indentlessSequence(items));
    switch (next.kind) {
      case 'scalar': {
        this.#scanner.skip();
        const implicit = (tag === '' && next.plain) || tag === '!';
        return register({ kind: 'scalar', line: start.line, tag, text: next.value, implicit });
      }
      case 'flow-sequence-start':
        return collection('sequence', (items) => this.#flowSequence(items));
      case 'flow-mapping-start':
        return collection('mapping', (pairs) => this.#flowMapping(pairs));
      case 'block-sequence-start':
        if (block) return collection('sequence', (items) => this.#blockSequence(items));
        break;
      case 'block-mapping-start':
        if (block) return collection('mapping', (pairs) => this.#blockMapping(pairs));
        break;
    }
    if (anchor !== undefined || tag !== '')
      return register({ kind: 'scalar', line: start.line, tag, text: '', implicit: tag === '' });
    throw parserError('did not find expected node content', next.start, start);
  }

  #alias({ value, start }: Token): YamlNode {
    const target = this.#anchors.get(value);
    if (target === undefined) throw new YamlSyntaxError(`yaml: unknown anchor '${value}' referenced`);
    this.#scanner.skip();
    return { kind: 'alias', line: start.line, name: value, target };
  }

  #tag({ value, suffix, start }: Token, nodeStart: Mark): string {
    if (value === '') return suffix;
    const prefix = this.#handles.get(value);
    if (prefix === undefined) throw parserError('found undefined tag handle', start, nodeStart);
    return prefix + suffix;
  }

  /** A node, or an empty one at `mark` where one of the kinds comes next. */
  #nodeUnless(kinds: readonly Token['kind'][], mark: Mark, block: boolean, indentless: boolean): YamlNode {
    return kinds.includes(this.#scanner.peek().kind) ? emptyScalar(mark) : this.#node(block, indentless);
  }

  #blockSequence(items: YamlNode[]): void {
    const { start } = this.#scanner.peek();
    let next = this.#after();
    for (; next.kind === 'block-entry'; next = this.#scanner.peek()) {
      this.#after();
      items.push(this.#nodeUnless(['block-entry', 'block-end'], next.end, true, false));
    }
    if (next.kind !== 'block-end')
      throw parserError("did not find expected '-' indicator", next.start, start);
    this.#scanner.skip();
  }

  #indentlessSequence(items: YamlNode[]): void {
    let next = this.#scanner.peek();
    for (; next.kind === 'block-entry'; next = this.#scanner.peek()) {
      this.#after();
      items.push(this.#nodeUnless(['block-entry', 'key', 'value', 'block-end'], next.end, true, false));
    }
  }

  #blockMapping(pairs: YamlNode[]): void {
    const { start } = this.#scanner.peek();
    const noNode = ['key', 'value', 'block-end'] as const;
    let next = this.#after();
    for (; next.kind === 'key'; next = this.#scanner.peek()) {
      this.#after();
      pairs.push(this.#nodeUnless(noNode, next.end, true, true));
      const value = this.#scanner.peek();
      if (value.kind === 'value') {
        this.#after();
        pairs.push(this.#nodeUnless(noNode, value.end, true, true));
      } else {
        pairs.push(emptyScalar(value.start));
      }
    }
    if (next.kind !== 'block-end') throw parserError('did not find expected key', next.start, start);
    this.#scanner.skip();
  }

  /** Goes through the entries of a flow collection, which begins here. */
  #flowEntries(end: Token['kind'], expected: string, entry: (next: Token) => void): void {
    const { start } = this.#scanner.peek();
    let next = this.#after();
    for (let first = true; next.kind !== end; first = false, next = this.#scanner.peek()) {
      if (!first) {
        if (next.kind !== 'flow-entry')
          throw parserError(`did not find expected ${expected}`, next.start, start);
        next = this.#after();
        if (next.kind === end) break;
      }
      entry(next);
    }
    this.#scanner.skip();
  }

  #flowSequence(items: YamlNode[]): void {
    this.#flowEntries('flow-sequence-end', "',' or ']'", (next) => {
      items.push(next.kind === 'key' ? this.#pairInSequence(next.start) : this.#node(false, false));
    });
  }

  /** A mapping of one pair without braces. */
  #pairInSequence(start: Mark): YamlNode {
    const noNode: readonly Token['kind'][] = ['value', 'flow-entry', 'flow-sequence-end'];
    const afterKey = this.#after();
    let key: YamlNode;
    if (noNode.includes(afterKey.kind)) {
      // What follows an empty key is lost, as libyaml loses it.
      this.#scanner.skip();
      key = emptyScalar(afterKey.end);
    } else {
      key = this.#node(false, false);
    }
    return { kind: 'mapping', line: start.line, children: [key, this.#flowValue(noNode.slice(1))] };
  }

  #flowMapping(pairs: YamlNode[]): void {
    const ends = ['flow-entry', 'flow-mapping-end'] as const;
    this.#flowEntries('flow-mapping-end', "',' or '}'", (next) => {
      if (next.kind === 'key') {
        const { start } = this.#after();
        pairs.push(this.#nodeUnless(['value', ...ends], start, false, false));
        pairs.push(this.#flowValue(ends));
      } else {
        pairs.push(this.#node(false, false));
        pairs.push(emptyScalar(this.#scanner.peek().start));
      }
    });
  }

  #flowValue(ends: readonly Token['kind'][]): YamlNode {
    const next = this.#scanner.peek();
    if (next.kind !== 'value') return emptyScalar(next.start);
    const { start } = this.#after();
    return this.#nodeUnless(ends, start, false, false);
  }
}

function emptyScalar({ line }: Mark): ScalarNode {
  return { kind: 'scalar', line, tag: '', text: '', implicit: true };
}
