import type { Checked, ResolvedCall } from '../checker.ts';
import type { Overload } from '../functions.ts';
import type {
  Call,
  Comprehension,
  Expr,
  ListLiteral,
  MapLiteral,
  OptionalMap,
  Select,
} from '../syntax/syntax-tree.ts';
import { type CallEstimate, estimateLibraryCall, type Operand } from './call-estimate.ts';
import { type EntrySize, KnownSizes } from './known-sizes.ts';
import { sortingEstimate } from './list-cost.ts';
import { argumentsCost, estimateOperator } from './operator-estimate.ts';
import {
  add,
  fixed,
  listCost,
  mapCost,
  multiply,
  type Range,
  type SizeEstimator,
  structCost,
  union,
} from './range.ts';

/** The least and the most that an expression may cost. */
export type CostEstimate = Range;

const one = fixed(1);
const zero = fixed(0);

/**
 * Estimates the cost of an expression from the sizes that its inputs may have, in the units of cel-go and with its
 * figures, so that what upstream refuses is refused and what it takes is taken.
 */
export function estimateCost(tree: Expr, checked: Checked, sizes: SizeEstimator): CostEstimate {
  return new Estimation(checked, sizes).cost(tree);
}

class Estimation {
  readonly #checked: Checked;
  readonly #known: KnownSizes;

  constructor(checked: Checked, sizes: SizeEstimator) {
    this.#checked = checked;
    this.#known = new KnownSizes(checked, sizes);
  }

  cost(expr: Expr): Range {
    switch (expr.op) {
      case 'literal':
        return zero;
      case 'identifier':
        this.#known.noteVariable(expr, expr.name);
        return one;
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return expr.fields.reduce((sum, { value }) => add(sum, this.cost(value)), fixed(structCost));
      case 'comprehension':
        return this.#comprehension(expr);
      default:
        return this.#optionalMap(expr);
    }
  }

  #list(expr: ListLiteral): Range {
    let cost = fixed(listCost);
    let value: Range | undefined;
    for (const item of expr.items) {
      cost = add(cost, this.cost(item));
      value = joined(value, this.#known.size(item));
    }
    this.#known.noteEntry(expr, { isList: true, key: one, value: value ?? zero });
    return cost;
  }

  #map(expr: MapLiteral): Range {
    let cost = fixed(mapCost);
    let key: Range | undefined;
    let value: Range | undefined;
    for (const entry of expr.entries) {
      cost = add(add(cost, this.cost(entry.key)), this.cost(entry.value));
      key = joined(key, this.#known.size(entry.key));
      value = joined(value, this.#known.size(entry.value));
    }
    this.#known.noteEntry(expr, { isList: false, key: key ?? zero, value: value ?? zero });
    return cost;
  }

  #select(expr: Select): Range {
    const operand = this.cost(expr.operand);
    if (expr.test) return operand;
    if (expr.optional) return add(operand, one);
    this.#known.notePath(expr, [...this.#known.path(expr.operand), expr.field]);
    const kind = this.#known.type(expr.operand)?.kind;
    return kind === 'map' || kind === 'object' || kind === 'param' ? add(operand, one) : operand;
  }

  #call(expr: Call): Range {
    const call = this.#checked.calls.get(expr);
    if (call === undefined) return zero;
    const costs = call.args.map((arg) => this.cost(arg));
    if (call.name === 'dyn') {
      this.#known.copy(expr, call.args[0] as Expr);
      return add(one, costs[0] ?? zero);
    }
    const operands = call.args.map((arg) => this.#known.operand(arg));
    const given = argumentsCost(call.name, costs);
    let cost: Range | undefined;
    let size: Range | undefined;
    for (const overload of call.overloads) {
      const estimate = this.#callEstimate(expr, call, overload, operands);
      cost = joined(cost, add(estimate.cost, given));
      if (estimate.size !== undefined) size = joined(size, estimate.size);
      size = this.#indexed(expr, call, overload) ?? size;
    }
    if (size !== undefined) this.#known.noteSize(expr, size);
    return cost ?? zero;
  }

  /** Notes where an item of a list or map comes from; its size where that is known of all of them. */
  #indexed(expr: Call, { name, args }: ResolvedCall, { params }: Overload): Range | undefined {
    const kind = params[0]?.kind;
    if (name !== '_[_]' || (kind !== 'list' && kind !== 'map')) return undefined;
    const [from] = args as [Expr];
    this.#known.notePath(expr, [...this.#known.path(from), kind === 'list' ? '@items' : '@values']);
    return this.#known.entry(from)?.value;
  }

  #callEstimate(
    expr: Call,
    { name, method }: ResolvedCall,
    overload: Overload,
    operands: readonly Operand[],
  ): CallEstimate {
    const [target, args] = method ? [operands[0], operands.slice(1)] : [undefined, operands];
    const library = estimateLibraryCall(name, overload, target, args);
    if (library !== undefined) return library;
    const [a, b, c] = operands as [Operand, Operand, Operand];
    if (name === '_?_:_') this.#known.noteEither(expr, b.expr, c.expr);
    else if (name === '_+_') this.#known.noteEither(expr, a.expr, b.expr);
    return estimateOperator(
      name,
      overload.params.map(({ kind }) => kind),
      [a, b, c],
    );
  }

  /** What the macros expand to: what is collected begins empty, and every step reads it. */
  #comprehension(expr: Comprehension): Range {
    const range = this.cost(expr.range);
    const [first, second] = expr.variables as [string, string | undefined];
    this.#known.enterIteration(expr.range, first, second);
    const filter = expr.filter === undefined ? undefined : this.cost(expr.filter);
    const body = this.cost(expr.body);
    const bodySize = this.#known.size(expr.body);
    const itemSize = this.#known.variableSize(expr.range, first);
    this.#known.leave();
    const count = this.#known.size(expr.range);
    // A step that is filtered costs its filter, and what it does or the reading of what there is.
    const step = (cost: Range): Range => (filter === undefined ? cost : add(filter, union(cost, one)));
    const grown = (value: Range): EntrySize => ({ isList: true, key: one, value: union(zero, value) });
    const total = (init: number, each: Range, result: number): Range =>
      add(add(add(range, fixed(init)), fixed(result)), multiply(count, each));
    switch (expr.kind) {
      case 'all':
      case 'exists': {
        this.#known.noteSize(expr, one);
        const each = { min: 1, max: add(one, body).max };
        return total(0, add(each, fixed(expr.kind === 'all' ? 2 : 3)), 1);
      }
      case 'existsOne':
        this.#known.noteSize(expr, one);
        return total(0, add(body, { min: 1, max: 2 }), 2);
      case 'filter':
        this.#known.noteSize(expr, count);
        this.#known.noteEntry(expr, grown(itemSize));
        // Reading what there is, the item, a list of it and the sum.
        return total(listCost, add(body, { min: 1, max: listCost + 3 }), 1);
      case 'map':
      case 'transformList':
        this.#known.noteSize(expr, count);
        this.#known.noteEntry(expr, grown(bodySize));
        return total(listCost, step(add(body, fixed(listCost + 2))), 1);
      case 'sortBy': {
        this.#known.noteSize(expr, count);
        // Binding the list to a name, which is read twice, and a list of the keys.
        const keys = total(listCost * 2 + 2, add(body, fixed(listCost + 2)), 1);
        return add(keys, sortingEstimate(count, this.#known.type(expr.body)?.kind));
      }
      default: {
        this.#known.noteSize(expr, count);
        const insert = fixed(expr.kind === 'transformMap' ? 3 : 2);
        return total(mapCost, step(add(body, insert)), 1);
      }
    }
  }

  /** A condition on the value being there, then the body bound to it. */
  #optionalMap(expr: OptionalMap): Range {
    const operand = this.cost(expr.operand);
    this.#known.enterBinding(expr.variable);
    const body = this.cost(expr.body);
    this.#known.leave();
    const bound = add(add(fixed(listCost + 1), operand), body);
    return add(add(operand, one), union(expr.flat ? bound : add(bound, one), one));
  }
}

const joined = (a: Range | undefined, b: Range): Range => (a === undefined ? b : union(a, b));
