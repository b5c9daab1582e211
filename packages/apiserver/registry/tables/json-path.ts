import { goMapJson } from '@coxswain/machinery';

/** Finds values in an object; in order, nothing where the path leads nowhere. */
export type JsonPath = (object: unknown) => unknown[];

type Step = (value: unknown) => unknown[];

/**
 * Compiles the simple JSONPath of printer columns: `.a.b`, `.a\.b`, `['a.b']`, `[0]`, `[-1]`, `[*]`, `.*`, `..a`
 * and `[?(@.a=="b")]`. A path that cannot be read finds nothing.
 */
export function compileJsonPath(path: string): JsonPath {
  const steps = parse(path.replace(/^\{(.*)\}$/s, '$1').replace(/^\$/, ''));
  if (!steps) return () => [];
  return (object) => steps.reduce<unknown[]>((values, step) => values.flatMap(step), [object]);
}

/** The forms of a step; the first that fits is taken. */
const forms: readonly (readonly [RegExp, (match: RegExpExecArray) => Step | undefined])[] = [
  [/^\.\.((?:\\.|[^.[\]\\])+)/, (m) => anywhere(unescapeName(m[1] as string))],
  [/^(?:\.\*|\[\*\])/, () => children],
  [/^\.((?:\\.|[^.[\]\\])+)/, (m) => member(unescapeName(m[1] as string))],
  [/^\[(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\]/, (m) => member(unescapeName((m[1] ?? m[2]) as string))],
  [/^\[(-?\d+)\]/, (m) => element(Number(m[1]))],
  [
    /^\[\?\(\s*@((?:\.(?:\\.|[^.[\]\\=!<>\s)])+)+)\s*(?:(==|!=)\s*(.+?))?\s*\)\]/,
    (m) => filter(m[1] as string, m[2], m[3]),
  ],
];

function parse(path: string): Step[] | undefined {
  const steps: Step[] = [];
  let rest = path;
  while (rest !== '') {
    const found = nextStep(rest);
    if (!found) return undefined;
    steps.push(found.step);
    rest = rest.slice(found.length);
  }
  return steps;
}

function nextStep(rest: string): { readonly step: Step; readonly length: number } | undefined {
  for (const [form, build] of forms) {
    const match = form.exec(rest);
    if (!match) continue;
    const step = build(match);
    return step && { step, length: match[0].length };
  }
  return undefined;
}

function unescapeName(name: string): string {
  return name.replace(/\\(.)/g, '$1');
}

function member(name: string): Step {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
    return Object.hasOwn(value, name) ? [(value as Record<string, unknown>)[name]] : [];
  };
}

function children(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function anywhere(name: string): Step {
  const here = member(name);
  const search: Step = (value) => [...here(value), ...children(value).flatMap(search)];
  return search;
}

function element(index: number): Step {
  return (value) => {
    if (!Array.isArray(value)) return [];
    const found = value.at(index);
    return found === undefined ? [] : [found];
  };
}

function filter(path: string, operator: string | undefined, literal: string | undefined): Step | undefined {
  const find = compileJsonPath(path);
  if (operator === undefined) return (value) => elementsOf(value).filter((item) => find(item).length > 0);
  const wanted = literalValue(literal ?? '');
  if (wanted === undefined) return undefined;
  return (value) =>
    elementsOf(value).filter((item) => {
      const [found] = find(item);
      return found !== undefined && (found === wanted) === (operator === '==');
    });
}

function elementsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function literalValue(text: string): string | number | boolean | undefined {
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  if (quoted) return quoted[2];
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return Number.isNaN(number) ? undefined : number;
}

/** A found value as JSONPath prints it: strings bare, the rest as JSON. */
export function jsonPathText(value: unknown): string {
  if (value === null) return '<no value>';
  return typeof value === 'string' ? value : goMapJson(value);
}
