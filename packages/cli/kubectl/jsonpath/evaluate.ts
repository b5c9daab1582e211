import { Failure } from '../error-text.ts';
import { compactJson } from '../print/json.ts';
import { type PathNode, parseTemplate } from './parse.ts';

/** A compiled JSONPath template. */
export class JsonPath {
  readonly #nodes: readonly PathNode[];
  readonly #allowMissing: boolean;

  /** @param allowMissing take fields that are not there for nothing, else throw */
  constructor(template: string, allowMissing = false) {
    this.#nodes = parseTemplate(template);
    this.#allowMissing = allowMissing;
  }

  /** The template's text with the values of `data`. */
  render(data: unknown): string {
    return this.#sequence(this.#nodes, data, data);
  }

  /** The values that the template's paths find, a list for each path. */
  find(data: unknown): unknown[][] {
    return this.#nodes.filter((node) => node.kind !== 'text').map((node) => this.#walk(node, [data], data));
  }

  #sequence(nodes: readonly PathNode[], current: unknown, root: unknown): string {
    let text = '';
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i] as PathNode;
      if (node.kind === 'text') text += node.text;
      else if (node.kind === 'end') throw new Failure('not in range, nothing to end');
      else if (node.kind === 'range') {
        const end = endOfRange(nodes, i);
        const [over, ...body] = nodes.slice(i + 1, end);
        if (over === undefined) throw new Failure('no path after range');
        for (const value of this.#walk(over, [current], root)) text += this.#sequence(body, value, root);
        i = end;
      } else text += this.#walk(node, [current], root).map(printValue).join(' ');
    }
    return text;
  }

  #walk(node: PathNode, values: readonly unknown[], root: unknown): unknown[] {
    switch (node.kind) {
      case 'list':
        return node.nodes.reduce<unknown[]>((found, each) => this.#walk(each, found, root), [...values]);
      case 'root':
        return [root];
      case 'current':
        return [...values];
      case 'literal':
        return [node.value];
      case 'text':
        return [node.text];
      case 'field':
        return this.#field(node.name, values);
      case 'wildcard':
        return values.flatMap(members);
      case 'recursive':
        return values.flatMap(descendants);
      case 'union':
        return node.nodes.flatMap((each) => this.#walk(each, values, root));
      case 'array':
        return values.flatMap((value) => this.#slice(node, value));
      case 'filter':
        return values.flatMap((value) =>
          (Array.isArray(value) ? value : []).filter((item) => this.#fits(node, item, root)),
        );
      default:
        throw new Failure(`unexpected ${node.kind} in a path`);
    }
  }

  #field(name: string, values: readonly unknown[]): unknown[] {
    const found: unknown[] = [];
    for (const value of values) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
      const member = (value as Record<string, unknown>)[name];
      if (member !== undefined) found.push(member);
    }
    if (found.length === 0 && !this.#allowMissing) throw new Failure(`${name} is not found`);
    return found;
  }

  #slice(node: Extract<PathNode, { kind: 'array' }>, value: unknown): unknown[] {
    if (value === null || value === undefined) return [];
    if (!Array.isArray(value)) throw new Failure(`${compactJson(value)} is not array or slice`);
    const from = (at: number): number => (at < 0 ? at + value.length : at);
    if (node.single) {
      const at = from(node.start ?? 0);
      if (at >= 0 && at < value.length) return [value[at]];
      if (this.#allowMissing) return [];
      throw new Failure(`array index out of bounds: index ${node.start}, length ${value.length}`);
    }
    const [start, end] = [from(node.start ?? 0), from(node.end ?? value.length)];
    const step = node.step ?? 1;
    return value.slice(Math.max(0, start), Math.max(0, end)).filter((_, i) => i % step === 0);
  }

  #fits(node: Extract<PathNode, { kind: 'filter' }>, item: unknown, root: unknown): boolean {
    const quiet = this.#allowMissing ? this : new JsonPath('', true);
    const left = quiet.#walk(node.left, [item], root);
    if (node.operator === 'exists') return left.length > 0;
    if (left.length === 0) return false;
    const right = quiet.#walk(node.right, [item], root);
    if (right.length === 0) return false;
    return compares(left[0], right[0], node.operator);
  }
}

function endOfRange(nodes: readonly PathNode[], start: number): number {
  let depth = 0;
  for (let i = start; i < nodes.length; i++) {
    if (nodes[i]?.kind === 'range') depth++;
    else if (nodes[i]?.kind === 'end' && --depth === 0) return i;
  }
  return nodes.length;
}

function compares(left: unknown, right: unknown, operator: string): boolean {
  const [a, b] = [left as number, right as number];
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    default:
      return a >= b;
  }
}

function members(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([, member]) => member);
}

function descendants(value: unknown): unknown[] {
  return [value, ...members(value).flatMap(descendants)];
}

/** A value as the printer writes it: strings bare, the rest as JSON. */
export function printValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return compactJson(value);
}

/** `metadata.name`, `.metadata.name` and `{.metadata.name}` as one template. Throws `Failure`. */
export function relaxedPath(text: string): string {
  const match = /^(?:\{\.?([^{}]+)\}|\.?([^{}]+))$/.exec(text);
  if (text === '') return text;
  if (!match) {
    throw new Failure(
      `unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
    );
  }
  return `{.${match[1] ?? match[2]}}`;
}
