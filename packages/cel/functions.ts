import { noSuchOverload } from './no-such-overload.ts';
import { type CelType, parseType } from './types.ts';
import {
  CelDuration,
  CelOptional,
  CelTimestamp,
  CelTypeName,
  CelUint,
  type CelValue,
  isList,
  isMap,
  isOpaque,
} from './values.ts';

// Each implementation knows its own types: the dispatch has checked them.
export type Implementation = (...args: any[]) => CelValue;

/** One signature of a function or method. */
export interface Overload {
  readonly params: readonly CelType[];
  readonly result: CelType;
  readonly run: Implementation;
}

/** Functions by name; a method's first parameter is what it is called on. */
export class FunctionTable {
  readonly #functions = new Map<string, Overload[]>();
  readonly #methods = new Map<string, Overload[]>();

  /** @param signature `int, string -> bool` */
  fn(name: string, signature: string, run: Implementation): this {
    put(this.#functions, name, signature, run);
    return this;
  }

  /** @param signature `string, string -> bool`, the receiver first */
  method(name: string, signature: string, run: Implementation): this {
    put(this.#methods, name, signature, run);
    return this;
  }

  overloads(name: string, method: boolean): readonly Overload[] | undefined {
    return (method ? this.#methods : this.#functions).get(name);
  }

  has(name: string): boolean {
    return this.#functions.has(name);
  }

  /** All of these and those of another table. */
  with(other: FunctionTable): FunctionTable {
    const table = new FunctionTable();
    for (const source of [this as FunctionTable, other]) {
      copy(source.#functions, table.#functions);
      copy(source.#methods, table.#methods);
    }
    return table;
  }
}

function copy(from: ReadonlyMap<string, Overload[]>, to: Map<string, Overload[]>): void {
  for (const [name, overloads] of from) to.set(name, [...(to.get(name) ?? []), ...overloads]);
}

function put(table: Map<string, Overload[]>, name: string, signature: string, run: Implementation): void {
  const [left = '', right = ''] = signature.split('->').map((part) => part.trim());
  const params = left === '' ? [] : splitTypes(left).map(parseType);
  const overload = { params, result: parseType(right), run };
  const known = table.get(name);
  if (known === undefined) table.set(name, [overload]);
  else known.push(overload);
}

function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const char of text) {
    if (char === '(') depth++;
    if (char === ')') depth--;
    if (char === ',' && depth === 0) {
      parts.push(part);
      part = '';
    } else part += char;
  }
  return [...parts, part];
}

/** Something that is called, with its signatures. */
export interface Callee {
  readonly name: string;
  readonly overloads: readonly Overload[];
}

/** The overload that the values fit. @throws CelRuntimeError where none does */
export function overloadFor({ name, overloads }: Callee, args: readonly CelValue[]): Overload {
  for (const overload of overloads) {
    if (overload.params.length !== args.length) continue;
    if (overload.params.every((param, i) => isInstance(args[i] as CelValue, param))) return overload;
  }
  throw noSuchOverload(name, args);
}

/** Runs the overload that the values fit. @throws CelRuntimeError where none does */
export function dispatch(callee: Callee, args: readonly CelValue[]): CelValue {
  return overloadFor(callee, args).run(...args);
}

/** Whether a value is of a type, as far as its outermost shape and the first of its parts tell. */
function isInstance(value: CelValue, type: CelType): boolean {
  switch (type.kind) {
    case 'any':
    case 'dyn':
    case 'param':
      return true;
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint';
    case 'uint':
      return value instanceof CelUint;
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'bytes':
      return value instanceof Uint8Array;
    case 'null':
      return value === null;
    case 'timestamp':
      return value instanceof CelTimestamp;
    case 'duration':
      return value instanceof CelDuration;
    case 'list': {
      if (!isList(value)) return false;
      const [first] = value;
      return first === undefined || isInstance(first, type.items);
    }
    case 'map':
      return isMap(value) && value.fieldsOnly !== true;
    case 'object':
      return isMap(value);
    case 'wrapper':
      return value === null || isInstance(value, type.of);
    case 'type':
      return value instanceof CelTypeName;
    case 'opaque':
      if (type.name === 'optional_type') return value instanceof CelOptional;
      return isOpaque(value) && value.typeName === type.name;
    default:
      return false;
  }
}
