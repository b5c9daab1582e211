import { qualifiedName } from './checker.ts';
import { dispatch, type FunctionTable } from './functions.ts';
import { CelCostError, CelRuntimeError } from './issue.ts';
import type { Call, Comprehension, Expr, Select } from './syntax-tree.ts';
import {
  CelOptional,
  CelTypeName,
  CelUint,
  type CelValue,
  isList,
  isMap,
  LiteralMap,
  noValue,
} from './values.ts';

/** What variables stand for in one evaluation. */
export interface Activation {
  /** Undefined where there is none of that name. */
  resolve(name: string): CelValue | undefined;
}

/** Counts the work of an evaluation. */
export class CostMeter {
  readonly limit: number;
  spent = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** @throws CelCostError when the limit is passed */
  spend(cost: number): void {
    this.spent += cost;
    if (this.spent > this.limit) {
      throw new CelCostError('operation cancelled: actual cost limit exceeded');
    }
  }
}

interface Frame {
  readonly root: Activation;
  readonly meter: CostMeter;
  readonly name: string;
  readonly value: CelValue;
  readonly parent: Frame | undefined;
}

type Run = (frame: Frame) => CelValue;

/** An expression ready to run. */
export class Program {
  readonly #run: Run;

  constructor(expr: Expr, functions: FunctionTable) {
    this.#run = new Compiler(functions).compile(expr);
  }

  /** @throws CelRuntimeError */
  evaluate(root: Activation, meter = new CostMeter(Number.POSITIVE_INFINITY)): CelValue {
    return this.#run({ root, meter, name: '', value: null, parent: undefined });
  }
}

const typeNames: ReadonlyMap<string, CelTypeName> = new Map(
  ['bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map', 'null_type', 'type'].map((name) => [
    name,
    new CelTypeName(name),
  ]),
);

function lookUp(frame: Frame, name: string): CelValue | undefined {
  for (let at: Frame | undefined = frame; at !== undefined; at = at.parent) {
    if (at.name === name) return at.value;
  }
  const value = frame.root.resolve(name);
  return value === undefined ? typeNames.get(name) : value;
}

const bind = (frame: Frame, name: string, value: CelValue): Frame => ({
  root: frame.root,
  meter: frame.meter,
  name,
  value,
  parent: frame,
});

class Compiler {
  readonly #functions: FunctionTable;

  constructor(functions: FunctionTable) {
    this.#functions = functions;
  }

  compile(expr: Expr): Run {
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
      case 'list': {
        const items = expr.items.map((item) => this.compile(item));
        return (frame) => {
          frame.meter.spend(10);
          return items.flatMap((run, i) => element(run(frame), expr.optional.has(i)));
        };
      }
      case 'map': {
        const entries = expr.entries.map(({ key, value, optional }) => ({
          key: this.compile(key),
          value: this.compile(value),
          optional,
        }));
        return (frame) => {
          frame.meter.spend(30);
          const map = new LiteralMap();
          for (const { key, value, optional } of entries) {
            const name = key(frame);
            if (map.has(name)) throw new CelRuntimeError(`Failed with repeated key`);
            for (const one of element(value(frame), optional)) map.set(name, one);
          }
          return map;
        };
      }
      case 'struct': {
        const fields = expr.fields.map(({ name, value, optional }) => ({
          name,
          value: this.compile(value),
          optional,
        }));
        return (frame) => {
          frame.meter.spend(40);
          const made = new LiteralMap(expr.name);
          for (const { name, value, optional } of fields) {
            for (const one of element(value(frame), optional)) made.set(name, one);
          }
          return made;
        };
      }
      case 'comprehension':
        return this.#comprehension(expr);
      default: {
        const operand = this.compile(expr.operand);
        const body = this.compile(expr.body);
        return (frame) => {
          const value = operand(frame);
          if (!(value instanceof CelOptional)) throw new CelRuntimeError('no such overload');
          if (value.value === undefined) return noValue;
          const mapped = body(bind(frame, expr.variable, value.value));
          return expr.flat ? mapped : new CelOptional(mapped);
        };
      }
    }
  }

  #select(expr: Select): Run {
    const operand = this.compile(expr.operand);
    const { field, test, optional } = expr;
    const name = qualifiedName(expr);
    return (frame) => {
      frame.meter.spend(1);
      if (name !== undefined) {
        const whole = frame.root.resolve(name);
        if (whole !== undefined) return whole;
      }
      let target = operand(frame);
      const wasOptional = target instanceof CelOptional;
      if (target instanceof CelOptional) {
        if (target.value === undefined) return test ? false : noValue;
        target = target.value;
      }
      if (!isMap(target)) {
        if (test) throw new CelRuntimeError('no such overload');
        throw new CelRuntimeError(target === null ? `no such key: ${field}` : 'no such overload');
      }
      const value = target.get(field);
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
      case '_?_:_': {
        const [condition, yes, no] = expr.args.map((arg) => this.compile(arg)) as [Run, Run, Run];
        return (frame) => {
          const value = condition(frame);
          if (typeof value !== 'boolean') throw new CelRuntimeError('no such overload');
          return value ? yes(frame) : no(frame);
        };
      }
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
    const overloads = this.#functions.overloads(name, method) ?? [];
    const args = all.map((arg) => this.compile(arg));
    return (frame) => {
      const values = args.map((run) => run(frame));
      frame.meter.spend(callCost(name, values));
      return dispatch(overloads, values);
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
    return (frame) => {
      const values = range(frame);
      const fold = newFold(expr.kind);
      for (const [key, value] of elementsOf(values, second !== undefined)) {
        frame.meter.spend(1);
        let inner = bind(frame, first, second === undefined ? (value as CelValue) : key);
        if (second !== undefined) inner = bind(inner, second, value as CelValue);
        if (filter !== undefined && filter(inner) !== true) continue;
        if (fold.step(body, inner, second === undefined ? (value as CelValue) : key)) break;
      }
      return fold.result();
    };
  }
}

function element(value: CelValue, optional: boolean): readonly CelValue[] {
  if (!optional) return [value];
  if (!(value instanceof CelOptional)) throw new CelRuntimeError('no such overload');
  return value.value === undefined ? [] : [value.value];
}

/** Keys and values with two variables; else items of a list and keys of a map as values. */
function elementsOf(range: CelValue, pairs: boolean): readonly (readonly [CelValue, CelValue])[] {
  if (isList(range)) return range.map((item, i) => [BigInt(i), item] as const);
  if (isMap(range)) {
    return range.keys().map((key) => [key, pairs ? (range.get(key) as CelValue) : key] as const);
  }
  throw new CelRuntimeError('no such overload');
}

interface Fold {
  /** True when nothing after can change the result. */
  step(body: Run, frame: Frame, item: CelValue): boolean;
  result(): CelValue;
}

function newFold(kind: Comprehension['kind']): Fold {
  switch (kind) {
    case 'all':
      return quantifier(false);
    case 'exists':
      return quantifier(true);
    case 'existsOne': {
      let count = 0;
      return {
        step: (body, frame) => {
          if (truth(body(frame))) count++;
          return false;
        },
        result: () => count === 1,
      };
    }
    case 'filter': {
      const kept: CelValue[] = [];
      return {
        step: (body, frame, item) => {
          if (truth(body(frame))) kept.push(item);
          return false;
        },
        result: () => kept,
      };
    }
    case 'map':
    case 'transformList': {
      const made: CelValue[] = [];
      return {
        step: (body, frame) => {
          made.push(body(frame));
          return false;
        },
        result: () => made,
      };
    }
    default:
      return mapFold(kind === 'transformMapEntry');
  }
}

function mapFold(entries: boolean): Fold {
  const made = new LiteralMap();
  return {
    step: (body, frame, key) => {
      const value = body(frame);
      if (!entries) made.set(key, value);
      else if (isMap(value)) for (const name of value.keys()) made.set(name, value.get(name) as CelValue);
      else throw new CelRuntimeError('no such overload');
      return false;
    },
    result: () => made,
  };
}

/** `exists` is settled by one that holds, `all` by one that does not, whatever fails beside it. */
function quantifier(settles: boolean): Fold {
  let settled = false;
  let fault: CelRuntimeError | undefined;
  return {
    step: (body, frame) => {
      try {
        settled = truth(body(frame)) === settles;
      } catch (error) {
        if (!(error instanceof CelRuntimeError) || error instanceof CelCostError) throw error;
        fault ??= error;
      }
      return settled;
    },
    result: () => {
      if (settled) return settles;
      if (fault !== undefined) throw fault;
      return !settles;
    },
  };
}

function truth(value: CelValue): boolean {
  if (typeof value !== 'boolean') throw new CelRuntimeError('no such overload');
  return value;
}

/** Strings are walked a tenth of a step a character. */
const stringStep = 0.1;

/** What a call costs: one step, and more where it walks its operands. */
function callCost(name: string, args: readonly CelValue[]): number {
  const size = (value: CelValue | undefined): number => {
    if (typeof value === 'string') return value.length * stringStep;
    if (value instanceof Uint8Array) return value.length * stringStep;
    if (value !== undefined && isList(value)) return value.length;
    return 0;
  };
  switch (name) {
    case '_+_':
    case '_==_':
    case '_!=_':
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      return args.some((arg) => arg instanceof CelUint) ? 1 : 1 + Math.ceil(Math.max(...args.map(size)));
    case 'matches':
      return 1 + Math.ceil(size(args[0]) * (1 + size(args[1]) / 0.4));
    case 'contains':
      return 1 + Math.ceil(size(args[0]) * (1 + size(args[1])));
    case '_[_]':
    case 'size':
      return 1;
    case '@in':
      return 1 + (args[1] !== undefined && isList(args[1]) ? args[1].length : 0);
    default:
      return 1 + Math.ceil(args.reduce((sum: number, arg) => sum + size(arg), 0));
  }
}
