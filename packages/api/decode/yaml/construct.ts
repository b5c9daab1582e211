import { goQuote, maxNesting, setMember } from '@coxswain/machinery';
import { NumberLiteral } from '../json-parser.ts';
import type { AliasNode, CollectionNode, YamlNode } from './parse-nodes.ts';
import { resolveScalar, type Scalar } from './resolve-scalar.ts';
import { YamlSyntaxError } from './yaml-syntax-error.ts';

/** go-yaml counts the nodes it makes, and of them those that aliases make; below these counts it lets all pass. */
const fewNodes = 1_000;
const fewAliased = 100;
/** Of so many nodes nearly all may come from aliases, */
const smallDocument = { nodes: 400_000, share: 0.99 };
/** of so many only few, and in between it falls in a line. */
const largeDocument = { nodes: 4_000_000, share: 0.1 };
/** Aliases of long texts count as one node each: their bytes are bounded, too. */
const mostText = 16 * 2 ** 20;

/** A mapping whose keys may be other than text; JSON's names are made of them in the end. */
type Value = Scalar | Value[] | Map<Scalar, Value>;

export interface Constructed {
  readonly value: unknown;
  /** The keys that mappings set twice, in the order of reading: `line 3: key "a" already set in map`. */
  readonly duplicates: readonly string[];
}

/**
 * The JSON value of a document, as upstream makes it: the members of every object in the order of their names. A
 * repeated key takes its last value. Anchors make one value stand in many places, where each gets its own copy.
 *
 * @throws YamlSyntaxError
 */
export function construct(node: YamlNode): Constructed {
  const maker = new Constructor();
  const value = maker.value(node);
  return { value: toJson(value, maxNesting), duplicates: maker.duplicates };
}

class Constructor {
  readonly duplicates: string[] = [];
  readonly #open = new Set<AliasNode>();
  #nodes = 0;
  #aliased = 0;
  #text = 0;

  value(node: YamlNode): Value {
    this.#count();
    switch (node.kind) {
      case 'scalar': {
        this.#countText(node.text);
        return resolveScalar(node);
      }
      case 'alias':
        return this.#through(node, () => this.value(node.target));
      case 'sequence': {
        const items: Value[] = [];
        for (const item of node.children) items.push(this.value(item));
        return items;
      }
      case 'mapping':
        return this.#mapping(node, new Map());
    }
  }

  #through<T>(alias: AliasNode, read: () => T): T {
    if (this.#open.has(alias))
      throw new YamlSyntaxError(`yaml: anchor '${alias.name}' value contains itself`);
    this.#open.add(alias);
    const value = read();
    this.#open.delete(alias);
    return value;
  }

  #mapping({ children }: CollectionNode, out: Map<Scalar, Value>): Map<Scalar, Value> {
    for (let i = 0; i + 1 < children.length; i += 2) {
      const keyNode = children[i] as YamlNode;
      const valueNode = children[i + 1] as YamlNode;
      if (isMerge(keyNode)) {
        this.#merge(valueNode, out);
        continue;
      }
      const key = this.value(keyNode);
      if (Array.isArray(key) || key instanceof Map)
        throw new YamlSyntaxError(`yaml: invalid map key: ${goSyntax(key)}`);
      const same = key instanceof NumberLiteral ? key.text : key;
      const value = this.value(valueNode);
      if (out.has(same))
        this.duplicates.push(`line ${valueNode.line + 1}: key ${shown(key)} already set in map`);
      out.set(same, value);
    }
    return out;
  }

  /** Puts the members of a mapping, or of several of which earlier ones take precedence, into another. */
  #merge(node: YamlNode, out: Map<Scalar, Value>): void {
    if (node.kind === 'sequence') {
      for (const item of [...node.children].reverse()) this.#mergeOne(item, out);
    } else {
      this.#mergeOne(node, out);
    }
  }

  #mergeOne(node: YamlNode, out: Map<Scalar, Value>): void {
    const target = node.kind === 'alias' ? node.target : node;
    if (target.kind !== 'mapping')
      throw new YamlSyntaxError('yaml: map merge requires map or sequence of maps as the value');
    this.#count();
    if (node.kind === 'alias') {
      this.#through(node, () => {
        this.#count();
        this.#mapping(target, out);
      });
    } else {
      this.#mapping(target, out);
    }
  }

  #count(): void {
    this.#nodes++;
    if (this.#open.size === 0) return;
    this.#aliased++;
    if (this.#aliased <= fewAliased || this.#nodes <= fewNodes) return;
    if (this.#aliased / this.#nodes > allowedShare(this.#nodes)) refuse();
  }

  #countText(text: string): void {
    this.#text += text.length;
    if (this.#text > mostText) refuse();
  }
}

function isMerge(node: YamlNode): boolean {
  return (
    node.kind === 'scalar' && node.text === '<<' && (node.implicit || node.tag === 'tag:yaml.org,2002:merge')
  );
}

function allowedShare(nodes: number): number {
  const { nodes: low, share: high } = smallDocument;
  const along = Math.min(1, Math.max(0, (nodes - low) / (largeDocument.nodes - low)));
  return high - along * (high - largeDocument.share);
}

function refuse(): never {
  throw new YamlSyntaxError('yaml: document contains excessive aliasing');
}

function toJson(value: Value, left: number): unknown {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new YamlSyntaxError(`json: unsupported value: ${goFloat(value)}`);
  if (Array.isArray(value)) {
    checkNesting(left);
    const items: unknown[] = [];
    for (const item of value) items.push(toJson(item, left - 1));
    return items;
  }
  if (!(value instanceof Map)) return value;
  checkNesting(left);
  const out: Record<string, unknown> = {};
  for (const [name, member] of namedMembers(value)) setMember(out, name, toJson(member, left - 1));
  return out;
}

function namedMembers(map: Map<Scalar, Value>): [name: string, member: Value][] {
  const members = [...map].map(([key, member]): [string, Value] => [nameOf(key, member), member]);
  return members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function checkNesting(left: number): void {
  if (left === 0) throw new YamlSyntaxError('yaml: exceeded max depth');
}

function nameOf(key: Scalar, value: Value): string {
  if (key === null) {
    throw new YamlSyntaxError(`unsupported map key of type: %!s(<nil>), key: <nil>, value: ${shown(value)}`);
  }
  if (typeof key !== 'number') return String(key);
  if (Number.isNaN(key)) return '.nan';
  return Number.isFinite(key) ? String(key) : key > 0 ? '.inf' : '-.inf';
}

function goFloat(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

function shown(value: Value): string {
  return value === null ? '<nil>' : goSyntax(value);
}

/** As Go's `%#v` prints it inside of another; the members of a map in the order of their keys. */
function goSyntax(value: Value): string {
  if (value === null) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (value instanceof Map) {
    const members = [...value].map(([key, member]) => `${goSyntax(key)}:${goSyntax(member)}`).sort();
    return `map[interface {}]interface {}{${members.join(', ')}}`;
  }
  if (value instanceof NumberLiteral) return value.text;
  return typeof value === 'number' && !Number.isFinite(value) ? goFloat(value) : String(value);
}
