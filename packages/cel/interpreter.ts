import { alternative, failing, free, indexing, isAttribute } from './call-runs.ts';
import { type Checked, qualifiedName } from './checker.ts';
import { callCost } from './cost/call-cost.ts';
import { listCost, mapCost, structCost } from './cost/range.ts';
import { elementsOf, newFold } from './fold.ts';
import { type Activation, bind, CostMeter, type Frame, lookUp, type Run } from './frame.ts';
import { type FunctionTable, overloadFor } from './functions.ts';
import { CelCostError, CelRuntimeError } from './issue.ts';
import type {
  Call,
  Comprehension,
  Expr,
  ListLiteral,
  MapLiteral,
  OptionalMap,
  Select,
  StructLiteral,
} from './syntax/syntax-tree.ts';
import { CelOptional, CelTypeName, type CelValue, isList, isMap, LiteralMap, noValue } from './values.ts';

/** An expression ready to run. */
export class Program {
  readonly #run: Run;

  constructor(expr: Expr, functions: FunctionTable, checked: Checked) {
    this.#run = new Compiler(functions, checked).compile(expr);
  }

  /** @throws CelRuntimeError */
  evaluate(root: Activation, meter = new CostMeter(Number.POSITIVE_INFINITY)): CelValue {
    return this.#run({ root, meter, name: '', value: null, parent: undefined });
  }
}

/** The names of types are values too. */
export const typeNames: ReadonlyMap<string, CelTypeName> = new Map(
  (
    'bool int uint double string bytes list map null_type type ' +
    'google.protobuf.Timestamp google.protobuf.Duration optional_type'
  )
    .split(' ')
    .map((name) => [name, new CelTypeName(name)]),
);

/** Conversions of constants are made once. */
const conversions: ReadonlySet<string> = new Set(
  'bool bytes double dyn duration int string timestamp uint'.split(' '),
);

/** Makes functions of expressions; each spends what cel-go's cost tracker counts for it. */
class Compiler {
  readonly #functions: FunctionTable;
  readonly #checked: Checked;
  /** Values of what needs no variables. */
  readonly #constants = new Map<Expr, CelValue>();

  constructor(functions: FunctionTable, checked: Checked) {
    this.#functions = functions;
    this.#checked = checked;
  }

  compile(expr: Expr): Run {
    const run = this.#compile(expr);
    const constant = this.#constantOf(expr, run);
    if (constant === undefined) return run;
    this.#constants.set(expr, constant);
    return () => constant;
  }

  /** Literals of constants and their conversions cost nothing: they are made once. */
  #constantOf(expr: Expr, run: Run): CelValue | undefined {
    const isConstant = (one: Expr): boolean => this.#constants.has(one);
    switch (expr.op) {
      case 'literal':
        return expr.value;
      case 'identifier':
        return this.#checked.types.get(expr)?.kind === 'type' ? typeNames.get(expr.name) : undefined;
      case 'select': {
        const name = qualifiedName(expr);
        if (name === undefined || this.#checked.types.get(expr)?.kind !== 'type') return undefined;
        return typeNames.get(name);
      }
      case 'list':
        if (expr.optional.size > 0 || !expr.items.every(isConstant)) return undefined;
        break;
      case 'map':
        if (!expr.entries.every((one) => !one.optional && isConstant(one.key) && isConstant(one.value))) {
          return undefined;
        }
        break;
      case 'call':
        if (expr.target !== undefined || !conversions.has(expr.name) || expr.args.length !== 1) {
          return undefined;
        }
        if (!expr.args.every(isConstant)) return undefined;
        break;
      default:
        return undefined;
    }
    try {
      return run({
        root: nothing,
        meter: new CostMeter(Number.POSITIVE_INFINITY),
        name: '',
        value: null,
        parent: undefined,
      });
    } catch (error) {
      // What fails does so when it is evaluated.
      if (error instanceof CelRuntimeError) return undefined;
      throw error;
    }
  }

  #compile(expr: Expr): Run {
    switch (expr.op) {
      case 'literal': {
        const { value } = expr;
        return () => value;
      }
      case 'identifier': {
        const { name } = expr;
        return (frame) => {
          frame.meter.spend(1);
          const value = lookUp(frame, name);
          if (value === undefined) throw new CelRuntimeError(`no such attribute(s): ${name}`);
          return value;
        };
      }
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return this.#struct(expr);
      case 'comprehension':
        return this.#comprehension(expr);
      default:
        return this.#optionalMap(expr);
    }
  }

  #list(expr: ListLiteral): Run {
    const items = expr.items.map((item) => this.compile(item));
    return (frame) => {
      frame.meter.spend(listCost);
      return items.flatMap((run, i) => element(run(frame), expr.optional.has(i)));
    };
  }

  #map(expr: MapLiteral): Run {
    const entries = expr.entries.map(({ key, value, optional }) => ({
      key: this.compile(key),
      value: this.compile(value),
      optional,
    }));
    return (frame) => {
      frame.meter.spend(mapCost);
      const map = new LiteralMap();
      for (const { key, value, optional } of entries) {
        const name = key(frame);
        for (const one of element(value(frame), optional)) map.set(name, one);
      }
      return map;
    };
  }

  #struct(expr: StructLiteral): Run {
    const fields = expr.fields.map(({ name, value, optional }) => ({
      name,
      value: this.compile(value),
      optional,
    }));
    return (frame) => {
      frame.meter.spend(structCost);
      const made = new LiteralMap(expr.name);
      for (const { name, value, optional } of fields) {
        for (const one of element(value(frame), optional)) made.set(name, one);
      }
      return made;
    };
  }

  #optionalMap(expr: OptionalMap): Run {
    const operand = this.compile(expr.operand);
    const body = this.compile(expr.body);
    return (frame) => {
      const { meter } = frame;
      const before = meter.spent;
      const value = operand(frame);
      const again = meter.spent - before;
      if (!(value instanceof CelOptional)) throw new CelRuntimeError('no such overload');
      // The macro asks whether there is a value, and gives none or reads it once more.
      meter.spend(2);
      if (value.value === undefined) return noValue;
      const mapped = body(bind(frame, expr.variable, value.value));
      meter.spend(again + (expr.flat ? 0 : 1));
      return expr.flat ? mapped : new CelOptional(mapped);
    };
  }

  #select(expr: Select): Run {
    const operand = this.compile(expr.operand);
    const { field, test, optional } = expr;
    // A dotted name that is one variable: what is before its last part was not looked at.
    const name = this.#checked.types.has(expr.operand) ? undefined : qualifiedName(expr);
    // Beside the field itself, what is not a variable costs a step to be looked into.
    const steps = (test ? 0 : 1) + (isAttribute(expr.operand) ? 0 : 1);
    return (frame) => {
      if (name !== undefined) {
        const whole = frame.root.resolve(name);
        if (whole !== undefined) {
          frame.meter.spend(1);
          return whole;
        }
      }
      let target = operand(frame);
      frame.meter.spend(steps);
      const wasOptional = target instanceof CelOptional;
      if (target instanceof CelOptional) {
        if (target.value === undefined) return test ? false : noValue;
        target = target.value;
      }
      if (isList(target) && !test) throw new CelRuntimeError(`unsupported index type 'string' in list`);
      // What has no fields lacks this one.
      const value = isMap(target) ? target.get(field) : undefined;
      if (test) return value !== undefined;
      if (optional || wasOptional) return value === undefined ? noValue : new CelOptional(value);
      if (value === undefined) throw new CelRuntimeError(`no such key: ${field}`);
      return value;
    };
  }

  #call(expr: Call): Run {
    switch (expr.name) {
      case '_&&_':
        return this.#logical(expr, false);
      case '_||_':
        return this.#logical(expr, true);
      case '_?_:_':
        return this.#conditional(expr);
      default:
    }
    let { name } = expr;
    let all = expr.target === undefined ? expr.args : [expr.target, ...expr.args];
    let method = expr.target !== undefined;
    const head = expr.target === undefined ? undefined : qualifiedName(expr.target);
    if (head !== undefined && this.#functions.has(`${head}.${name}`)) {
      name = `${head}.${name}`;
      all = expr.args;
      method = false;
    }
    const callee = { name, overloads: this.#functions.overloads(name, method) ?? [] };
    const args = all.map((arg) => this.compile(arg));
    const resolved = this.#checked.calls.get(expr)?.overloads ?? [];
    const only = resolved.length === 1 ? resolved[0] : undefined;
    if (name === '_[_]' || name === '_[?_]') return indexing(expr, args, callee);
    if (name === '@in' && this.#constants.has(all[1] as Expr)) return free(args, callee);
    if (method && (name === 'or' || name === 'orValue') && args.length === 2) return alternative(expr, args);
    const fail = failing(args);
    return (frame) => {
      let values: CelValue[];
      try {
        values = args.map((run) => run(frame));
      } catch (error) {
        throw fail(frame, error);
      }
      const { run } = overloadFor(callee, values);
      if (sizedByResult.has(name)) {
        const made = run(...values);
        frame.meter.spend(callCost(name, only, values, made));
        return made;
      }
      frame.meter.spend(callCost(name, only, values));
      return run(...values);
    };
  }

  /** What is read from variables by a branch is not counted as a reading of its own. */
  #conditional(expr: Call): Run {
    const [condition, yes, no] = expr.args.map((arg) => this.compile(arg)) as [Run, Run, Run];
    const [, a, b] = expr.args.map((arg) => (isAttribute(arg) && !this.#constants.has(arg) ? 1 : 0));
    return (frame) => {
      const value = condition(frame);
      if (typeof value !== 'boolean') throw new CelRuntimeError('no such overload');
      frame.meter.refund((value ? a : b) ?? 0);
      return value ? yes(frame) : no(frame);
    };
  }

  /** One side may fail when the other settles it. */
  #logical(expr: Call, settles: boolean): Run {
    const [left, right] = expr.args.map((arg) => this.compile(arg)) as [Run, Run];
    const side = (run: Run, frame: Frame): boolean | CelRuntimeError => {
      try {
        const value = run(frame);
        return typeof value === 'boolean' ? value : new CelRuntimeError('no such overload');
      } catch (error) {
        if (!(error instanceof CelRuntimeError) || error instanceof CelCostError) throw error;
        return error;
      }
    };
    return (frame) => {
      const a = side(left, frame);
      if (a === settles) return settles;
      const b = side(right, frame);
      if (b === settles) return settles;
      if (a instanceof CelRuntimeError) throw a;
      if (b instanceof CelRuntimeError) throw b;
      return !settles;
    };
  }

  #comprehension(expr: Comprehension): Run {
    const range = this.compile(expr.range);
    const body = this.compile(expr.body);
    const filter = expr.filter === undefined ? undefined : this.compile(expr.filter);
    const [first, second] = expr.variables as [string, string | undefined];
    const costs = comprehensionCosts[expr.kind];
    return (frame) => {
      const values = range(frame);
      const { meter } = frame;
      const fold = newFold(expr.kind);
      let settled = false;
      for (const [key, value] of elementsOf(values, second !== undefined)) {
        meter.spend(costs.condition);
        if (settled) break;
        let inner = bind(frame, first, second === undefined ? (value as CelValue) : key);
        if (second !== undefined) inner = bind(inner, second, value as CelValue);
        if (filter !== undefined && filter(inner) !== true) continue;
        meter.spend(costs.step);
        settled = fold.step(body, inner, second === undefined ? (value as CelValue) : key);
      }
      meter.spend(costs.result);
      return fold.result(frame);
    };
  }
}

/** Calls that cost what they give. */
const sizedByResult: ReadonlySet<string> = new Set(['join', 'lists.range', 'slice', 'reverse']);

const nothing: Activation = { resolve: () => undefined };

/**
 * What the expansions of the macros cost around their bodies: the condition before each item, the step with it, and
 * reading the result.
 */
const comprehensionCosts: Readonly<
  Record<
    Comprehension['kind'],
    { readonly condition: number; readonly step: number; readonly result: number }
  >
> = {
  all: { condition: 2, step: 1, result: 1 },
  exists: { condition: 3, step: 1, result: 1 },
  existsOne: { condition: 0, step: 0, result: 2 },
  filter: { condition: 0, step: 0, result: 1 },
  map: { condition: 0, step: listCost + 2, result: 1 },
  transformList: { condition: 0, step: listCost + 2, result: 1 },
  transformMap: { condition: 0, step: 3, result: 1 },
  transformMapEntry: { condition: 0, step: 2, result: 1 },
  // The list is bound to a name that is read twice: to be sorted and to be told the keys of.
  sortBy: { condition: 0, step: listCost + 2, result: 3 },
};

function element(value: CelValue, optional: boolean): readonly CelValue[] {
  if (!optional) return [value];
  if (!(value instanceof CelOptional)) throw new CelRuntimeError('no such overload');
  return value.value === undefined ? [] : [value.value];
}
