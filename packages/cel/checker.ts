import type { FunctionTable, Overload } from './functions.ts';
import type { Issue } from './issue.ts';
import type { Call, Comprehension, Expr, Select, StructLiteral } from './syntax/syntax-tree.ts';
import * as types from './types.ts';
import { type CelType, typeText } from './types.ts';
import { type Bindings, isAssignable, isDynamic, isMoreGeneral, isOpen, substitute } from './unify.ts';

/** What an expression may refer to. */
export interface Declarations {
  readonly functions: FunctionTable;
  readonly variables: ReadonlyMap<string, CelType>;
  /** The type that a struct literal of that name makes; undefined where there is none. */
  readonly structs?: (name: string) => types.ObjectType | undefined;
}

/** A call and the signatures that its arguments fit. */
export interface ResolvedCall {
  /** Of a function in a namespace with that: `ip.isCanonical`. */
  readonly name: string;
  readonly method: boolean;
  /** With the receiver first. */
  readonly args: readonly Expr[];
  readonly overloads: readonly Overload[];
}

export interface Checked {
  readonly type: CelType;
  readonly issues: readonly Issue[];
  /** The type of each node that was reached. */
  readonly types: ReadonlyMap<Expr, CelType>;
  readonly calls: ReadonlyMap<Call, ResolvedCall>;
}

/** Checks an expression against its declarations; the texts are cel-go's. */
export function check(expr: Expr, declarations: Declarations): Checked {
  const checker = new Checker(declarations);
  const type = checker.check(expr);
  return { type, issues: checker.issues, types: checker.types, calls: checker.calls };
}

/** The dotted name that a chain of plain selections spells; undefined for anything else. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.op === 'identifier') return expr.name;
  if (expr.op !== 'select' || expr.test || expr.optional) return undefined;
  const head = qualifiedName(expr.operand);
  return head === undefined ? undefined : `${head}.${expr.field}`;
}

const typeNames: ReadonlyMap<string, CelType> = new Map(
  (
    [
      ['bool', types.bool],
      ['int', types.int],
      ['uint', types.uint],
      ['double', types.double],
      ['string', types.string],
      ['bytes', types.bytes],
      ['list', types.listOf(types.dyn)],
      ['map', types.mapOf(types.dyn, types.dyn)],
      ['null_type', types.nullType],
      ['type', { kind: 'type', of: types.dyn }],
      ['google.protobuf.Timestamp', types.timestamp],
      ['google.protobuf.Duration', types.duration],
      ['optional_type', types.optionalOf(types.dyn)],
    ] as const
  ).map(([name, of]) => [name, { kind: 'type', of } as CelType]),
);

const sortByKeys = '@sortByAssociatedKeys';

class Checker {
  readonly issues: Issue[] = [];
  readonly types = new Map<Expr, CelType>();
  readonly calls = new Map<Call, ResolvedCall>();
  readonly #functions: FunctionTable;
  readonly #scopes: ReadonlyMap<string, CelType>[];

  readonly #structs: NonNullable<Declarations['structs']>;

  constructor({ functions, variables, structs }: Declarations) {
    this.#structs = structs ?? (() => undefined);
    this.#functions = functions;
    this.#scopes = [variables];
  }

  check(expr: Expr): CelType {
    const type = this.#typeOf(expr);
    this.types.set(expr, type);
    return type;
  }

  #issue(at: number, message: string): CelType {
    this.issues.push({ at, message });
    return types.errorType;
  }

  #mismatch(expr: Expr, wanted: CelType, given: CelType): CelType {
    return this.#issue(expr.at, `expected type '${typeText(wanted)}' but found '${typeText(given)}'`);
  }

  #variable(name: string): CelType | undefined {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const type = this.#scopes[i]?.get(name);
      if (type !== undefined) return type;
    }
    return undefined;
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.op) {
      case 'literal':
        return expr.type;
      case 'identifier':
        return (
          this.#variable(expr.name) ??
          typeNames.get(expr.name) ??
          this.#issue(expr.at, `undeclared reference to '${expr.name}' (in container '')`)
        );
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list': {
        const items = expr.items.map((item, i) => this.#element(item, expr.optional.has(i)));
        return types.listOf(this.#joined(items));
      }
      case 'map': {
        const keys = expr.entries.map(({ key }) => this.check(key));
        const values = expr.entries.map(({ value, optional }) => this.#element(value, optional));
        return types.mapOf(this.#joined(keys), this.#joined(values));
      }
      case 'struct':
        return this.#struct(expr);
      case 'comprehension':
        return this.#comprehension(expr);
      default:
        return this.#optionalMap(expr);
    }
  }

  #struct(expr: StructLiteral): CelType {
    const type = this.#structs(expr.name);
    if (type === undefined) {
      return this.#issue(expr.at, `undeclared reference to '${expr.name}' (in container '')`);
    }
    for (const { name, value, optional } of expr.fields) {
      const given = this.#element(value, optional);
      const wanted = type.field(name);
      if (wanted === undefined) this.#issue(value.at, `undefined field '${name}'`);
      else if (!isAssignable(wanted, given, new Map())) {
        const text = `expected type of field '${name}' is '${typeText(wanted)}' but provided type is '${typeText(given)}'`;
        this.#issue(value.at, text);
      }
    }
    return type;
  }

  /** The one type of all parts of a literal; dynamic where they are of several. */
  #joined(all: readonly CelType[]): CelType {
    let common: CelType | undefined;
    for (const type of all) {
      if (common === undefined) common = type;
      else if (!isAssignable(common, type, new Map())) common = types.dyn;
      else if (common.kind === 'null' || isOpen(common) || isMoreGeneral(type, common)) common = type;
    }
    return common ?? types.unknown;
  }

  #element(expr: Expr, optional: boolean): CelType {
    const type = this.check(expr);
    if (!optional || isDynamic(type)) return type;
    if (type.kind === 'opaque' && type.name === 'optional_type') return type.params[0] ?? types.dyn;
    this.#mismatch(expr, types.optionalOf(type), type);
    return type;
  }

  #select(expr: Select): CelType {
    const name = expr.test ? undefined : qualifiedName(expr);
    if (name !== undefined) {
      const head = name.slice(0, name.indexOf('.'));
      const isLocal = this.#scopes.slice(1).some((scope) => scope.has(head));
      const whole = isLocal ? undefined : this.#variable(name);
      if (whole !== undefined) return whole;
      const type = this.#variable(head) === undefined ? typeNames.get(name) : undefined;
      if (type !== undefined) return type;
    }
    const operand = this.check(expr.operand);
    let target = operand;
    const isOptional = operand.kind === 'opaque' && operand.name === 'optional_type';
    if (isOptional) target = operand.params[0] ?? types.dyn;
    const field = this.#field(expr, target.kind === 'wrapper' ? target.of : target);
    if (expr.test) return types.bool;
    return (isOptional || expr.optional) && field.kind !== 'error' ? types.optionalOf(field) : field;
  }

  #field(expr: Select, target: CelType): CelType {
    switch (target.kind) {
      case 'any':
      case 'dyn':
      case 'error':
        return types.dyn;
      case 'map':
        return target.value;
      case 'object':
        return target.field(expr.field) ?? this.#issue(expr.at, `undefined field '${expr.field}'`);
      default:
        this.#issue(expr.at, `type '${typeText(target)}' does not support field selection`);
        return types.dyn;
    }
  }

  #call(expr: Call): CelType {
    if (expr.target !== undefined) {
      const head = qualifiedName(expr.target);
      const full = head === undefined ? undefined : `${head}.${expr.name}`;
      if (full !== undefined && this.#functions.has(full) && this.#variable(head as string) === undefined) {
        return this.#resolve(expr, full, this.#functions.overloads(full, false), expr.args, false);
      }
      const all = [expr.target, ...expr.args];
      return this.#resolve(expr, expr.name, this.#functions.overloads(expr.name, true), all, true);
    }
    return this.#resolve(expr, expr.name, this.#functions.overloads(expr.name, false), expr.args, false);
  }

  #resolve(
    expr: Call,
    name: string,
    overloads: readonly Overload[] | undefined,
    args: readonly Expr[],
    method: boolean,
  ): CelType {
    const given = args.map((arg) => this.check(arg));
    if (name === '_&&_' || name === '_||_') return this.#logical(expr, name, overloads ?? [], given);
    if (overloads === undefined) {
      // A name of the other kind is known, and nothing of it fits.
      if (this.#functions.overloads(name, !method) !== undefined) {
        return this.#issue(expr.at, noOverload(name, given, method));
      }
      return this.#issue(expr.at, `undeclared reference to '${name}' (in container '')`);
    }
    const results: CelType[] = [];
    const fitting: Overload[] = [];
    for (const overload of overloads) {
      if (overload.params.length !== given.length) continue;
      const bindings: Bindings = new Map();
      if (overload.params.every((param, i) => isAssignable(param, given[i] as CelType, bindings))) {
        results.push(substitute(overload.result, bindings));
        fitting.push(overload);
      }
    }
    if (results.length === 0) return this.#issue(expr.at, noOverload(name, given, method));
    this.calls.set(expr, { name, method, args, overloads: fitting });
    const [first] = results as [CelType];
    return results.every((type) => typeText(type) === typeText(first)) ? first : types.dyn;
  }

  /** Each side is told of by itself. */
  #logical(expr: Call, name: string, overloads: readonly Overload[], given: readonly CelType[]): CelType {
    const fits = expr.args.map((arg, i) => this.#isBool(arg, given[i] as CelType)).every(Boolean);
    if (!fits) return types.errorType;
    this.calls.set(expr, { name, method: false, args: expr.args, overloads });
    return types.bool;
  }

  #isBool(expr: Expr, given: CelType): boolean {
    const fits = isAssignable(types.bool, given, new Map());
    if (!fits) this.#mismatch(expr, types.bool, given);
    return fits;
  }

  #within<T>(variables: ReadonlyMap<string, CelType>, work: () => T): T {
    this.#scopes.push(variables);
    try {
      return work();
    } finally {
      this.#scopes.pop();
    }
  }

  #comprehension(expr: Comprehension): CelType {
    let range = this.check(expr.range);
    if (range.kind === 'wrapper') range = range.of;
    const variables = this.#rangeVariables(expr, range);
    const item = variables.get(expr.variables[0] as string) ?? types.dyn;
    return this.#within(variables, () => {
      const filter = expr.filter === undefined ? types.bool : this.check(expr.filter);
      const body = this.check(expr.body);
      if (expr.filter !== undefined) {
        this.#mustBeBool(
          expr,
          filter,
          expr.kind === 'transformMap' ? types.mapOf(item, body) : types.listOf(body),
        );
      }
      switch (expr.kind) {
        case 'all':
        case 'exists':
          this.#isBool(expr.body, body);
          return types.bool;
        case 'existsOne':
          this.#mustBeBool(expr, body, types.int);
          return types.bool;
        case 'filter':
          this.#mustBeBool(expr, body, types.listOf(item));
          return types.listOf(item);
        case 'sortBy':
          return this.#sorted(expr, range, body);
        case 'map':
        case 'transformList':
          return types.listOf(body);
        case 'transformMap':
          return types.mapOf(item, body);
        default:
          return body.kind === 'map' ? body : types.mapOf(types.dyn, types.dyn);
      }
    });
  }

  /** The macro calls a function that nobody else can name. */
  #sorted(expr: Comprehension, range: CelType, key: CelType): CelType {
    const given = [range, types.listOf(key)];
    const overloads = this.#functions.overloads(sortByKeys, true) ?? [];
    for (const { params, result } of overloads) {
      const bindings: Bindings = new Map();
      if (params.every((param, i) => isAssignable(param, given[i] as CelType, bindings))) {
        return substitute(result, bindings);
      }
    }
    return this.#issue(expr.at, noOverload(sortByKeys, given, true));
  }

  #rangeVariables(expr: Comprehension, range: CelType): ReadonlyMap<string, CelType> {
    const [first, second] = expr.variables as [string, string | undefined];
    let key: CelType = types.dyn;
    let value: CelType = types.dyn;
    if (range.kind === 'list') {
      key = types.int;
      value = range.items;
    } else if (range.kind === 'map') {
      key = range.key;
      value = range.value;
    } else if (range.kind !== 'dyn' && range.kind !== 'error') {
      const text = `expression of type '${typeText(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`;
      key = this.#issue(expr.range.at, text);
      value = key;
    }
    if (second !== undefined)
      return new Map([
        [first, key],
        [second, value],
      ]);
    return new Map([[first, range.kind === 'map' ? key : value]]);
  }

  /** @param kept what the macro chooses to change or to leave */
  #mustBeBool(expr: Comprehension, type: CelType, kept: CelType): void {
    if (isAssignable(types.bool, type, new Map())) return;
    this.#issue(expr.at, noOverload('_?_:_', [type, kept, kept], false));
  }

  #optionalMap(expr: Extract<Expr, { op: 'optionalMap' }>): CelType {
    const operand = this.check(expr.operand);
    const isOptional = operand.kind === 'opaque' && operand.name === 'optional_type';
    let value: CelType = isOptional ? (operand.params[0] ?? types.dyn) : types.dyn;
    if (!isOptional && !isDynamic(operand)) {
      // The macro calls both.
      this.#issue(expr.at, noOverload('hasValue', [operand], true));
      value = this.#issue(expr.at, noOverload('value', [operand], true));
    }
    return this.#within(new Map([[expr.variable, value]]), () => {
      const body = this.check(expr.body);
      return expr.flat ? body : types.optionalOf(body);
    });
  }
}

function noOverload(name: string, given: readonly CelType[], method: boolean): string {
  const [target, ...rest] = given;
  const shown =
    method && target !== undefined
      ? `${typeText(target)}.(${rest.map(typeText).join(', ')})`
      : `(${given.map(typeText).join(', ')})`;
  return `found no matching overload for '${name}' applied to '${shown}'`;
}
