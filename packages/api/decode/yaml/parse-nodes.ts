import { maxNesting } from '@coxswain/machinery';
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

/** A collection that was begun and not ended yet. */
interface OpenCollection {
  readonly form:
    | 'block-sequence'
    | 'indentless-sequence'
    | 'block-mapping'
    | 'flow-sequence'
    | 'flow-mapping'
    | 'pair';
  readonly start: Mark;
  readonly children: YamlNode[];
  /** What comes next: the first entry, the key of a further one (or the whole of it), its value, or none for a key. */
  state: 'first' | 'key' | 'value' | 'no value';
}

class NodeParser {
  readonly #scanner: Scanner;
  readonly #handles = new Map<string, string>();
  readonly #anchors = new Map<string, YamlNode>();
  /** Collections whose entries are being read, the innermost last: documents nest deeper than a stack would hold. */
  readonly #open: OpenCollection[] = [];

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  document(): YamlNode | undefined {
    const first = this.#scanner.peek();
    if (first.kind === 'stream-end') return undefined;
    let node: YamlNode;
    if (first.kind !== 'document-start' && !first.kind.endsWith('directive')) {
      this.#directives();
      node = this.#wholeNode();
    } else {
      this.#directives();
      const { kind, start } = this.#scanner.peek();
      if (kind !== 'document-start') throw parserError('did not find expected <document start>', start);
      const next = this.#after();
      node = endsOfContent.has(next.kind) ? emptyScalar(next.start) : this.#wholeNode();
    }
    this.#scanner.peek();
    return node;
  }

  #wholeNode(): YamlNode {
    const node = this.#node(true, false);
    for (let innermost = this.#open.at(-1); innermost !== undefined; innermost = this.#open.at(-1)) {
      this.#readOn(innermost);
    }
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
   * Begins a node: the entries of a collection are read when all that is open within it was closed.
   *
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
    const open = (form: OpenCollection['form'], kind: CollectionNode['kind']): YamlNode => {
      if (this.#open.length === maxNesting) throw new YamlSyntaxError('yaml: exceeded max depth');
      const children: YamlNode[] = [];
      if (form !== 'indentless-sequence') this.#scanner.skip();
      this.#open.push({ form, start: next.start, children, state: 'first' });
      return register({ kind, line: start.line, children });
    };
    if (indentless && next.kind === 'block-entry') return open('indentless-sequence', 'sequence');
    switch (next.kind) {
      case 'scalar': {
        this.#scanner.skip();
        const implicit = (tag === '' && next.plain) || tag === '!';
        return register({ kind: 'scalar', line: start.line, tag, text: next.value, implicit });
      }
      case 'flow-sequence-start':
        return open('flow-sequence', 'sequence');
      case 'flow-mapping-start':
        return open('flow-mapping', 'mapping');
      case 'block-sequence-start':
        if (block) return open('block-sequence', 'sequence');
        break;
      case 'block-mapping-start':
        if (block) return open('block-mapping', 'mapping');
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

  /** Reads the next entry of the innermost collection, or its end. */
  #readOn(collection: OpenCollection): void {
    switch (collection.form) {
      case 'block-sequence':
        this.#blockSequence(collection);
        break;
      case 'indentless-sequence':
        this.#indentlessSequence(collection);
        break;
      case 'block-mapping':
        this.#blockMapping(collection);
        break;
      case 'flow-sequence':
        this.#flowSequence(collection);
        break;
      case 'flow-mapping':
        this.#flowMapping(collection);
        break;
      case 'pair':
        // Its value is the last of it.
        this.#open.pop();
        collection.children.push(this.#flowValue(['flow-entry', 'flow-sequence-end']));
    }
  }

  #close(): void {
    this.#scanner.skip();
    this.#open.pop();
  }

  #blockSequence({ children, start }: OpenCollection): void {
    const next = this.#scanner.peek();
    if (next.kind === 'block-entry') {
      this.#after();
      children.push(this.#nodeUnless(['block-entry', 'block-end'], next.end, true, false));
    } else if (next.kind === 'block-end') {
      this.#close();
    } else {
      throw parserError("did not find expected '-' indicator", next.start, start);
    }
  }

  #indentlessSequence({ children }: OpenCollection): void {
    const next = this.#scanner.peek();
    if (next.kind !== 'block-entry') {
      this.#open.pop();
      return;
    }
    this.#after();
    children.push(this.#nodeUnless(['block-entry', 'key', 'value', 'block-end'], next.end, true, false));
  }

  #blockMapping(mapping: OpenCollection): void {
    const { children } = mapping;
    const noNode = ['key', 'value', 'block-end'] as const;
    const next = this.#scanner.peek();
    if (mapping.state === 'value') {
      mapping.state = 'key';
      if (next.kind === 'value') {
        this.#after();
        children.push(this.#nodeUnless(noNode, next.end, true, true));
      } else {
        children.push(emptyScalar(next.start));
      }
    } else if (next.kind === 'key') {
      mapping.state = 'value';
      this.#after();
      children.push(this.#nodeUnless(noNode, next.end, true, true));
    } else if (next.kind === 'block-end') {
      this.#close();
    } else {
      throw parserError('did not find expected key', next.start, mapping.start);
    }
  }

  /** What the next entry of a flow collection begins with; undefined where the collection ends, and was closed. */
  #flowEntry(collection: OpenCollection, end: Token['kind'], expected: string): Token | undefined {
    let next = this.#scanner.peek();
    if (next.kind !== end && collection.state !== 'first') {
      if (next.kind !== 'flow-entry')
        throw parserError(`did not find expected ${expected}`, next.start, collection.start);
      next = this.#after();
    }
    if (next.kind !== end) return next;
    this.#close();
    return undefined;
  }

  #flowSequence(sequence: OpenCollection): void {
    const next = this.#flowEntry(sequence, 'flow-sequence-end', "',' or ']'");
    if (next === undefined) return;
    sequence.state = 'key';
    sequence.children.push(next.kind === 'key' ? this.#pairInSequence(next.start) : this.#node(false, false));
  }

  /** A mapping of one pair without braces. */
  #pairInSequence(start: Mark): YamlNode {
    const children: YamlNode[] = [];
    this.#open.push({ form: 'pair', start, children, state: 'value' });
    const afterKey = this.#after();
    if (['value', 'flow-entry', 'flow-sequence-end'].includes(afterKey.kind)) {
      // What follows an empty key is lost, as libyaml loses it.
      this.#scanner.skip();
      children.push(emptyScalar(afterKey.end));
    } else {
      children.push(this.#node(false, false));
    }
    return { kind: 'mapping', line: start.line, children };
  }

  #flowMapping(mapping: OpenCollection): void {
    const { children } = mapping;
    const ends = ['flow-entry', 'flow-mapping-end'] as const;
    if (mapping.state === 'value') {
      mapping.state = 'key';
      children.push(this.#flowValue(ends));
      return;
    }
    if (mapping.state === 'no value') {
      mapping.state = 'key';
      children.push(emptyScalar(this.#scanner.peek().start));
      return;
    }
    const next = this.#flowEntry(mapping, 'flow-mapping-end', "',' or '}'");
    if (next === undefined) return;
    if (next.kind === 'key') {
      mapping.state = 'value';
      const { start } = this.#after();
      children.push(this.#nodeUnless(['value', ...ends], start, false, false));
    } else {
      mapping.state = 'no value';
      children.push(this.#node(false, false));
    }
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
