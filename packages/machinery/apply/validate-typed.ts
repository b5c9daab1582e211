import { goQuote } from '../field-error.ts';
import { goText } from '../patch/go-text.ts';
import { type Atom, memberAtom, type ScalarAtom } from './atom.ts';
import { elementText } from './field-path.ts';
import { listElement } from './list-element.ts';

type Json = Readonly<Record<string, unknown>>;

/** What keeps a configuration from being read by its schema, as upstream's structured merge says it. */
export function typedFaults(declared: Atom, value: unknown): string[] {
  const faults: string[] = [];
  validate(declared, value, '', faults);
  return faults;
}

/** One fault by itself; several as a list. */
export function faultsText(faults: readonly string[]): string {
  return faults.length === 1 ? (faults[0] as string) : ['errors:', ...faults.map((f) => `  ${f}`)].join('\n');
}

function validate(declared: Atom, value: unknown, path: string, faults: string[]): void {
  // What a value tells itself is never wrong.
  if (value === undefined || value === null || declared.kind === 'deduced') return;
  const atom = declared;
  const fault = (message: string): void => void faults.push(path === '' ? message : `${path}: ${message}`);
  if (atom.kind === 'scalar') {
    const message = scalarFault(atom, value);
    if (message !== undefined) fault(message);
    return;
  }
  if (atom.kind === 'list') {
    if (!Array.isArray(value)) {
      fault(`expected list, got &{${goText(value)}}`);
      return;
    }
    const seen = new Set<string>();
    for (const [i, item] of value.entries()) {
      if (atom.relation === 'atomic') {
        validate(atom.items, item, `${path}[${i}]`, faults);
        continue;
      }
      const element = listElement(atom, item);
      if (typeof element !== 'string') {
        fault(`element ${i}: ${element.error}`);
        return;
      }
      if (seen.has(element)) fault(`duplicate entries for key ${elementText(element)}`);
      seen.add(element);
      validate(atom.items, item, `${path}${elementText(element)}`, faults);
    }
    return;
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    fault(`expected map, got &{${goText(value)}}`);
    return;
  }
  for (const name in value) {
    const child = memberAtom(atom, name);
    if (child === undefined) {
      // Upstream looks at no more members, and takes them in an order of chance.
      faults.push(`${path}.${name}: field not declared in schema`);
      return;
    }
    validate(child, (value as Json)[name], `${path}.${name}`, faults);
  }
}

function scalarFault(atom: ScalarAtom, value: unknown): string | undefined {
  switch (atom.scalar) {
    case 'numeric':
      return typeof value === 'number' || typeof value === 'bigint'
        ? undefined
        : `expected numeric (int or float), got ${goType(value)}`;
    case 'string':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goText(value)}}`;
    default:
      return typeof value === 'object' ? `expected any scalar, got &{${goText(value)}}` : undefined;
  }
}

/** Go's `%T` of a decoded JSON value. */
function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** Go's `%#v` of a decoded JSON value. */
function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return goQuote(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (typeof value !== 'object') return String(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[string]interface {}{${members.map(([k, v]) => `${goQuote(k)}:${goSyntax(v)}`).join(', ')}}`;
}
