import type { Checked, ResolvedCall } from '../checker.ts';
import type { Overload } from '../functions.ts';
import type { Call, Comprehension, Expr, OptionalMap, Select } from '../syntax/syntax-tree.ts';
import type { CelType } from '../types.ts';
import { type CelValue, isList, isMap } from '../values.ts';
import { type CallEstimate, estimateLibraryCall, type Operand } from './call-estimate.ts';
import { sortingEstimate } from './list-cost.ts';
import {
  add,
  fixed,
  listCost,
  mapCost,
  multiply,
  type Range,
  regexFactor,
  type SizeEstimator,
  scale,
  structCost,
  traversalFactor,
  union,
  unknownSize,
} from './range.ts';

/** The least and the most that an expression may cost. */
export type CostEstimate = Range;

/** What is known of the keys and values in a list or map that an expression makes. */
interface EntrySize {
  readonly isList: boolean;
  readonly key: Range;
  readonly value: Range;
}

interface Local {
  readonly path: readonly string[];
  readonly size: Range | undefined;
  readonly entry: EntrySize | undefined;
}

const one = fixed(1);
const zero = fixed(0);
const walk = (size: Range): Range => scale(size, traversalFactor);
const noPath: readonly string[] = [];

/**
 * Estimates the cost of an expression from the sizes that its inputs may have, in the units of cel-go and with its
 * figures, so that what upstream refuses is refused and what it takes is taken.
 */
export function estimateCost(tree: Expr, checked: Checked, sizes: SizeEstimator): CostEstimate {
  return new Estimation(checked, sizes).cost(tree);
}

class Estimation {
  readonly #checked: Checked;
  readonly #estimate: SizeEstimator;
  readonly #paths = new Map<Expr, readonly string[]>();
  readonly #sizes = new Map<Expr, Range>();
  readonly #entries = new Map<Expr, EntrySize>();
  readonly #locals: ReadonlyMap<string, Local>[] = [];

  constructor(checked: Checked, sizes: SizeEstimator) {
    this.#checked = checked;
    this.#estimate = sizes;
  }

  cost(expr: Expr): Range {
    switch (expr.op) {
      case 'literal':
        return zero;
      case 'identifier':
        this.#paths.set(expr, this.#local(expr.name)?.path ?? [expr.name]);
        return one;
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list': {
        let cost = fixed(listCost);
        let value: Range | undefined;
        for (const item of expr.items) {
          cost = add(cost, this.cost(item));
          value = joined(value, this.#sizeOf(item));
        }
        this.#entries.set(expr, { isList: true, key: one, value: value ?? zero });
        return cost;
      }
      case 'map': {
        let cost = fixed(mapCost);
        let key: Range | undefined;
        let value: Range | undefined;
        for (const entry of expr.entries) {
          cost = add(add(cost, this.cost(entry.key)), this.cost(entry.value));
          key = joined(key, this.#sizeOf(entry.key));
          value = joined(value, this.#sizeOf(entry.value));
        }
        this.#entries.set(expr, { isList: false, key: key ?? zero, value: value ?? zero });
        return cost;
      }
      case 'struct':
        return expr.fields.reduce((sum, { value }) => add(sum, this.cost(value)), fixed(structCost));
      case 'comprehension':
        return this.#comprehension(expr);
      default:
        return this.#optionalMap(expr);
    }
  }

  #select(expr: Select): Range {
    const operand = this.cost(expr.operand);
    if (expr.test) return operand;
    if (expr.optional) return add(operand, one);
    this.#paths.set(expr, [...this.#path(expr.operand), expr.field]);
    const kind = this.#type(expr.operand)?.kind;
    return kind === 'map' || kind === 'object' || kind === 'param' ? add(operand, one) : operand;
  }

  #call(expr: Call): Range {
    const call = this.#checked.calls.get(expr);
    if (call === undefined) return zero;
    const costs = call.args.map((arg) => this.cost(arg));
    if (call.name === 'dyn') {
      this.#copySizes(expr, call.args[0] as Expr);
      return add(one, costs[0] ?? zero);
    }
    const operands = call.args.map((arg) => this.#operand(arg));
    let cost: Range | undefined;
    let size: Range | undefined;
    for (const overload of call.overloads) {
      const estimate = this.#callCost(expr, call, overload, operands, costs);
      cost = joined(cost, estimate.cost);
      if (estimate.size !== undefined) size = joined(size, estimate.size);
      size = this.#indexed(expr, call, overload) ?? size;
    }
    if (size !== undefined) this.#sizes.set(expr, size);
    return cost ?? zero;
  }

  /** Notes where an item of a list or map comes from; its size where that is known of all of them. */
  #indexed(expr: Call, { name, args }: ResolvedCall, { params }: Overload): Range | undefined {
    const kind = params[0]?.kind;
    if (name !== '_[_]' || (kind !== 'list' && kind !== 'map')) return undefined;
    const [from] = args as [Expr];
    this.#paths.set(expr, [...this.#path(from), kind === 'list' ? '@items' : '@values']);
    return this.#entry(from)?.value;
  }

  #callCost(
    expr: Call,
    { name, method }: ResolvedCall,
    overload: Overload,
    operands: readonly Operand[],
    costs: readonly Range[],
  ): CallEstimate {
    const sum = costs.reduce(add, zero);
    const [target, args] = method ? [operands[0], operands.slice(1)] : [undefined, operands];
    const library = estimateLibraryCall(name, overload, target, args);
    if (library !== undefined) return { ...library, cost: add(library.cost, sum) };
    const [a, b, c] = operands as [Operand, Operand, Operand];
    const kind = overload.params[0]?.kind;
    const isText = kind === 'string' || kind === 'bytes';
    switch (name) {
      case '_&&_':
      case '_||_':
        return { cost: { min: costs[0]?.min ?? 0, max: sum.max } };
      case '_?_:_': {
        this.#setEntry(expr, unionEntry(this.#entry(b.expr), this.#entry(c.expr)));
        const [condition, yes, no] = costs as [Range, Range, Range];
        return { cost: add(condition, union(yes, no)), size: union(b.size, c.size) };
      }
      case '_+_': {
        if (!isText && kind !== 'list') break;
        this.#setEntry(expr, unionEntry(this.#entry(a.expr), this.#entry(b.expr)));
        const size = add(a.size, b.size);
        return { cost: add(isText ? walk(size) : one, sum), size };
      }
      case '_==_':
      case '_!=_':
        return { cost: add(comparison(a, b), sum) };
      case '_<_':
      case '_<=_':
      case '_>_':
      case '_>=_':
        if (!isText) break;
        return { cost: add(comparison(a, b), sum) };
      case '@in':
        if (overload.params[1]?.kind !== 'list') break;
        return { cost: add(b.size, sum) };
      case 'startsWith':
      case 'endsWith':
        return { cost: add(walk(b.size), sum) };
      case 'contains':
        return { cost: add(multiply(walk(a.size), walk(b.size)), sum) };
      case 'matches':
        // A text has at least one place where an expression is tried.
        return { cost: add(multiply(walk(add(a.size, one)), scale(b.size, regexFactor)), sum) };
      case 'format':
        return { cost: add(walk(a.size), sum) };
      case 'strings.quote':
        return { cost: add(walk(a.size), sum), size: { min: a.size.min + 2, max: a.size.max * 2 + 2 } };
      case 'bytes':
        if (!isText || kind === 'bytes') break;
        return { cost: add(walk(a.size), sum), size: { min: a.size.min, max: a.size.max * 4 } };
      case 'string':
        if (kind !== 'bytes') break;
        return { cost: add(walk(a.size), sum), size: { min: Math.floor(a.size.min / 4), max: a.size.max } };
      default:
    }
    return { cost: add(one, sum) };
  }

  /** What the macros expand to: what is collected begins empty, and every step reads it. */
  #comprehension(expr: Comprehension): Range {
    const range = this.cost(expr.range);
    const [first, second] = expr.variables as [string, string | undefined];
    this.#locals.push(this.#iterated(expr.range, first, second));
    const filter = expr.filter === undefined ? undefined : this.cost(expr.filter);
    const body = this.cost(expr.body);
    const bodySize = this.#sizeOf(expr.body);
    const itemSize = this.#variableSize(expr.range, first);
    this.#locals.pop();
    const count = this.#sizeOf(expr.range);
    // A step that is filtered costs its filter, and what it does or the reading of what there is.
    const step = (cost: Range): Range => (filter === undefined ? cost : add(filter, union(cost, one)));
    const grown = (value: Range): EntrySize => ({ isList: true, key: one, value: union(zero, value) });
    const total = (init: number, each: Range, result: number): Range =>
      add(add(add(range, fixed(init)), fixed(result)), multiply(count, each));
    switch (expr.kind) {
      case 'all':
      case 'exists': {
        this.#sizes.set(expr, one);
        const each = { min: 1, max: add(one, body).max };
        return total(0, add(each, fixed(expr.kind === 'all' ? 2 : 3)), 1);
      }
      case 'existsOne':
        this.#sizes.set(expr, one);
        return total(0, add(body, { min: 1, max: 2 }), 2);
      case 'filter':
        this.#sizes.set(expr, count);
        this.#entries.set(expr, grown(itemSize));
        // Reading what there is, the item, a list of it and the sum.
        return total(listCost, add(body, { min: 1, max: listCost + 3 }), 1);
      case 'map':
      case 'transformList':
        this.#sizes.set(expr, count);
        this.#entries.set(expr, grown(bodySize));
        return total(listCost, step(add(body, fixed(listCost + 2))), 1);
      case 'sortBy': {
        this.#sizes.set(expr, count);
        // Binding the list to a name, which is read twice, and a list of the keys.
        const keys = total(listCost * 2 + 2, add(body, fixed(listCost + 2)), 1);
        return add(keys, sortingEstimate(count, this.#type(expr.body)?.kind));
      }
      default: {
        this.#sizes.set(expr, count);
        const insert = fixed(expr.kind === 'transformMap' ? 3 : 2);
        return total(mapCost, step(add(body, insert)), 1);
      }
    }
  }

  #iterated(range: Expr, first: string, second: string | undefined): ReadonlyMap<string, Local> {
    const entry = this.#entry(range);
    const isListRange = entry?.isList ?? this.#type(range)?.kind === 'list';
    const path = this.#path(range);
    const local = (step: string, size: Range | undefined): Local => ({
      path: [...path, step],
      size,
      entry: undefined,
    });
    const value = local(isListRange ? '@items' : '@values', entry?.value);
    const key = local(isListRange ? '@indices' : '@keys', entry?.key);
    if (second === undefined) return new Map([[first, isListRange ? value : key]]);
    return new Map([
      [first, key],
      [second, value],
    ]);
  }

  #variableSize(range: Expr, name: string): Range {
    const local = this.#local(name);
    const type = this.#type(range);
    const item = type?.kind === 'list' ? type.items : type?.kind === 'map' ? type.key : undefined;
    return (
      (local === undefined ? undefined : this.#estimate(local.path, item)) ??
      scalarSize(item) ??
      local?.size ??
      unknownSize
    );
  }

  /** A condition on the value being there, then the body bound to it. */
  #optionalMap(expr: OptionalMap): Range {
    const operand = this.cost(expr.operand);
    this.#locals.push(new Map([[expr.variable, { path: noPath, size: undefined, entry: undefined }]]));
    const body = this.cost(expr.body);
    this.#locals.pop();
    const bound = add(add(fixed(listCost + 1), operand), body);
    return add(add(operand, one), union(expr.flat ? bound : add(bound, one), one));
  }

  #local(name: string): Local | undefined {
    for (let i = this.#locals.length - 1; i >= 0; i--) {
      const local = this.#locals[i]?.get(name);
      if (local !== undefined) return local;
    }
    return undefined;
  }

  #type(expr: Expr): CelType | undefined {
    return this.#checked.types.get(expr);
  }

  #path(expr: Expr): readonly string[] {
    if (expr.op === 'identifier') {
      const local = this.#local(expr.name);
      if (local !== undefined) return local.path;
    }
    return this.#paths.get(expr) ?? noPath;
  }

  #operand(expr: Expr): Operand {
    const type = this.#type(expr);
    const path = this.#path(expr);
    const items =
      type?.kind === 'list'
        ? {
            isText: type.items.kind === 'string' || type.items.kind === 'bytes',
            size: this.#estimate(path.length === 0 ? path : [...path, '@items'], type.items) ?? unknownSize,
          }
        : undefined;
    return { expr, size: this.#sizeOf(expr), opaque: type?.kind === 'opaque' ? type.name : '', items };
  }

  #sizeOf(expr: Expr): Range {
    return this.#knownSize(expr) ?? unknownSize;
  }

  #knownSize(expr: Expr): Range | undefined {
    const computed = this.#sizes.get(expr) ?? literalSize(expr);
    if (computed !== undefined) return computed;
    const type = this.#type(expr);
    return (
      this.#estimate(this.#path(expr), type) ??
      scalarSize(type) ??
      (expr.op === 'identifier' ? this.#local(expr.name)?.size : undefined)
    );
  }

  #entry(expr: Expr): EntrySize | undefined {
    return this.#entries.get(expr) ?? (expr.op === 'identifier' ? this.#local(expr.name)?.entry : undefined);
  }

  #setEntry(expr: Expr, entry: EntrySize | undefined): void {
    if (entry !== undefined) this.#entries.set(expr, entry);
  }

  #copySizes(to: Expr, from: Expr): void {
    const size = this.#knownSize(from);
    if (size !== undefined) this.#sizes.set(to, size);
    this.#setEntry(to, this.#entry(from));
  }
}

const joined = (a: Range | undefined, b: Range): Range => (a === undefined ? b : union(a, b));

function unionEntry(a: EntrySize | undefined, b: EntrySize | undefined): EntrySize | undefined {
  if (a === undefined || b === undefined) return undefined;
  return { isList: a.isList, key: union(a.key, b.key), value: union(a.value, b.value) };
}

/** The shorter one settles it; two numbers cost one step. */
function comparison(a: Operand, b: Operand): Range {
  const max = Math.min(a.size.max, b.size.max);
  return walk({ min: max > 0 ? 1 : 0, max });
}

function literalSize(expr: Expr): Range | undefined {
  if (expr.op === 'list') return fixed(expr.items.length);
  if (expr.op === 'map') return fixed(expr.entries.length);
  return expr.op === 'literal' ? fixed(sizeOfValue(expr.value)) : undefined;
}

/** What `size()` gives; 1 of what has none. */
export function sizeOfValue(value: CelValue): number {
  if (typeof value === 'string') {
    let count = 0;
    for (const _ of value) count++;
    return count;
  }
  if (value instanceof Uint8Array || (typeof value === 'object' && value !== null && isList(value))) {
    return value.length;
  }
  return isMap(value) ? value.size : 1;
}

const scalars: ReadonlySet<CelType['kind']> = new Set([
  'bool',
  'double',
  'duration',
  'int',
  'timestamp',
  'uint',
]);

function scalarSize(type: CelType | undefined): Range | undefined {
  if (type?.kind === 'opaque' && type.name === 'optional_type') return scalarSize(type.params[0]);
  return type !== undefined && scalars.has(type.kind) ? one : undefined;
}
