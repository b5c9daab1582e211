import { goMapJson, type Int64, int64, isInt64 } from '@coxswain/machinery';

/** Finds values in an object; in order, nothing where the path leads nowhere. */
export type JsonPath = (object: unknown) => unknown[];

type Step = (value: unknown) => unknown[];

/** Ends a search: what was found until then does not count, either. */
class SearchFault extends Error {}

/**
 * Compiles the simple JSONPath of printer columns: `.a.b`, `.a\.b`, `['a.b']`, `['a','b']`, `[0]`, `[-1]`, `[1:3]`,
 * `[*]`, `.*`, `..a` and `[?(@.a=="b")]`. A path that cannot be read finds nothing, and neither does one that leads
 * into something else than it says.
 */
export function compileJsonPath(path: string): JsonPath {
  const walk = compileSteps(path.replace(/^\{(.*)\}$/s, '$1').replace(/^\$/, ''));
  if (walk === undefined) return () => [];
  return (object) => {
    try {
      return walk(object);
    } catch (error) {
      if (error instanceof SearchFault) return [];
      throw error;
    }
  };
}

function compileSteps(path: string): JsonPath | undefined {
  const steps = parse(path);
  return steps && ((object) => steps.reduce<unknown[]>((values, step) => values.flatMap(step), [object]));
}

/** The forms of a step; the first that fits is taken. */
const forms: readonly (readonly [RegExp, (match: RegExpExecArray) => Step | undefined])[] = [
  [/^\.\.((?:\\.|[^.[\]\\])+)/, (m) => anywhere(unescapeName(m[1] as string))],
  [/^(?:\.\*|\[\*\])/, () => children],
  [/^\.((?:\\.|[^.[\]\\])+)/, (m) => member(unescapeName(m[1] as string))],
  [/^\[(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\]/, (m) => member(unescapeName((m[1] ?? m[2]) as string))],
  [/^\[(-?\d+)\]/, (m) => element(Number(m[1]))],
  [/^\[(-?\d*):(-?\d*)(?::(-?\d*))?\]/, (m) => slice(m[1], m[2], m[3])],
  [
    /^\[((?:'[^']*'|"[^"]*"|-?\d+)(?:\s*,\s*(?:'[^']*'|"[^"]*"|-?\d+))+)\]/,
    (m) => union((m[1] as string).match(/'[^']*'|"[^"]*"|-?\d+/g) as string[]),
  ],
  [
    /^\[\?\(\s*@((?:\.(?:\\.|[^.[\]\\=!<>\s)])+)+)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?))?\s*\)\]/,
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
    if (value === null) return [];
    const list = listOf(value);
    if (index >= list.length || index < -list.length) throw new SearchFault();
    return [list.at(index)];
  };
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new SearchFault();
  return value;
}

function slice(from = '', to = '', every = ''): Step {
  const step = every === '' ? 1 : Number(every);
  return (value) => {
    if (value === null) return [];
    const list = listOf(value);
    const place = (text: string, absent: number): number => {
      const at = text === '' ? absent : Number(text);
      return at < 0 ? at + list.length : at;
    };
    const start = place(from, 0);
    const end = place(to, list.length);
    if (start === end) return [];
    const fits = start >= 0 && start < list.length && end >= start && end <= list.length && step > 0;
    if (!fits) throw new SearchFault();
    return list.slice(start, end).filter((_, i) => i % step === 0);
  };
}

function union(texts: readonly string[]): Step {
  const steps = texts.map((text) =>
    /^['"]/.test(text) ? member(unescapeName(text.slice(1, -1))) : element(Number(text)),
  );
  return (value) => steps.flatMap((step) => step(value));
}

function filter(path: string, operator: string | undefined, literal: string | undefined): Step | undefined {
  const find = compileSteps(path);
  if (find === undefined) return undefined;
  if (operator === undefined) return (value) => listOf(value).filter((item) => find(item).length > 0);
  const wanted = literalValue(literal ?? '');
  if (wanted === undefined) return undefined;
  return (value) =>
    listOf(value).filter((item) => {
      const found = find(item);
      if (found.length > 1) throw new SearchFault();
      return found.length === 1 && compares(found[0], operator, wanted);
    });
}

/** Only what is of one Go type can be compared. */
function compares(found: unknown, operator: string, wanted: string | Int64 | boolean): boolean {
  if (comparedAs(found) !== comparedAs(wanted)) throw new SearchFault();
  const value = found as typeof wanted;
  if (operator === '==') return value === wanted;
  if (operator === '!=') return value !== wanted;
  if (typeof value === 'boolean') throw new SearchFault();
  if (operator.startsWith('<')) return value < wanted || (operator === '<=' && value === wanted);
  return value > wanted || (operator === '>=' && value === wanted);
}

function comparedAs(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return isInt64(value) ? 'integer' : 'float';
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value;
  throw new SearchFault();
}

function literalValue(text: string): string | Int64 | boolean | undefined {
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  if (quoted) return quoted[2];
  if (text === 'true' || text === 'false') return text === 'true';
  const number = int64(text) ?? Number(text);
  return typeof number === 'number' && Number.isNaN(number) ? undefined : number;
}

/** A found value as JSONPath prints it: strings bare, the rest as JSON. */
export function jsonPathText(value: unknown): string {
  if (value === null) return '<no value>';
  return typeof value === 'string' ? value : goMapJson(value);
}
