import { goQuote } from '@coxswain/machinery';
import * as yaml from 'js-yaml';
import { goYamlSchema } from './yaml-schema.ts';

/** A node as the parser has met it. */
interface Node {
  readonly kind: string;
  readonly value: unknown;
  /** Where it begins, counted from one. */
  readonly line: number;
  /** How many nodes were read before its end. */
  readonly order: number;
  readonly children: readonly Node[];
}

/** What js-yaml tells its listener of. */
interface ParserState {
  readonly position: number;
  readonly line: number;
  readonly kind: string | null;
  readonly result: unknown;
}

/** The keys that the first document of a YAML text sets twice, in the words of go-yaml; '' where there are none. */
export function duplicateKeys(text: string): string {
  const found = duplicatesOf(readNodes(text));
  if (found.length === 0) return '';
  found.sort((a, b) => a.value.order - b.value.order);
  const lines = found.map(({ key, value }) => {
    const shown = typeof key.value === 'string' ? goQuote(key.value) : String(key.value);
    return `  line ${value.line}: key ${shown} already set in map`;
  });
  return `yaml: unmarshal errors:\n${lines.join('\n')}`;
}

interface Pair {
  readonly key: Node;
  readonly value: Node;
}

function duplicatesOf(node: Node | undefined): Pair[] {
  if (node === undefined) return [];
  const found = node.children.flatMap(duplicatesOf);
  if (node.kind !== 'mapping') return found;
  const seen = new Set<unknown>();
  for (let i = 0; i + 1 < node.children.length; i += 2) {
    const [key, value] = [node.children[i] as Node, node.children[i + 1] as Node];
    if (seen.has(key.value)) found.push({ key, value });
    seen.add(key.value);
  }
  return found;
}

/** The nodes of the first document. */
function readNodes(text: string): Node | undefined {
  const open: { readonly position: number; readonly line: number; readonly children: Node[] }[] = [];
  let root: Node | undefined;
  let order = 0;
  const listener = (event: string, state: ParserState): void => {
    if (event === 'open') {
      open.push({ position: state.position, line: state.line, children: [] });
      return;
    }
    const { position, line, children } = open.pop() as (typeof open)[number];
    const kind = state.kind ?? '';
    const begins = kind === '' ? line : line + linesBefore(text, position);
    const node: Node = { kind, value: state.result, line: begins + 1, order: order++, children };
    const parent = open.at(-1);
    if (parent !== undefined) parent.children.push(node);
    else root ??= node;
  };
  yaml.loadAll(text, () => {}, {
    schema: goYamlSchema,
    json: true,
    // The types leave out what the listener is given.
    listener: listener as unknown as NonNullable<yaml.LoadOptions['listener']>,
  });
  return root;
}

/** Line breaks between a place and what is said next, over blanks and comments. */
function linesBefore(text: string, position: number): number {
  const skipped = /^(?:\s+|#[^\n]*)*/.exec(text.slice(position))?.[0] ?? '';
  return skipped.split('\n').length - 1;
}
