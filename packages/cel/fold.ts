import { sortingCost } from './cost/list-cost.ts';
import { listCost } from './cost/range.ts';
import type { Frame, Run } from './frame.ts';
import { CelCostError, CelRuntimeError } from './issue.ts';
import { sortedBy } from './library/list-transforms.ts';
import type { Comprehension } from './syntax/syntax-tree.ts';
import { type CelMap, CelUint, type CelValue, goTypeOf, isList, isMap, LiteralMap } from './values.ts';

/** Reading the count and adding one. */
const countCost = 2;
/** Reading what there is and the item, a list of it, and their sum. */
const keepCost = listCost + 3;

/** Keys and values with two variables; else items of a list and keys of a map as values. */
export function elementsOf(range: CelValue, pairs: boolean): readonly (readonly [CelValue, CelValue])[] {
  if (isList(range)) return range.map((item, i) => [BigInt(i), item] as const);
  if (isMap(range)) {
    return range.keys().map((key) => [key, pairs ? (range.get(key) as CelValue) : key] as const);
  }
  throw new CelRuntimeError(`got '${goTypeOf(range)}', expected iterable type`);
}

export interface Fold {
  /** True when nothing after can change the result. */
  step(body: Run, frame: Frame, item: CelValue): boolean;
  result(frame: Frame): CelValue;
}

export function newFold(kind: Comprehension['kind']): Fold {
  switch (kind) {
    case 'all':
      return quantifier(false);
    case 'exists':
      return quantifier(true);
    case 'existsOne': {
      let count = 0;
      return {
        step: (body, frame) => {
          if (!truth(body(frame))) return false;
          frame.meter.spend(countCost);
          count++;
          return false;
        },
        result: () => count === 1,
      };
    }
    case 'filter': {
      const kept: CelValue[] = [];
      return {
        step: (body, frame, item) => {
          if (!truth(body(frame))) return false;
          frame.meter.spend(keepCost);
          kept.push(item);
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
    case 'sortBy': {
      const items: CelValue[] = [];
      const keys: CelValue[] = [];
      return {
        step: (body, frame, item) => {
          keys.push(body(frame));
          items.push(item);
          return false;
        },
        result: ({ meter }) => {
          meter.spend(sortingCost(keys));
          return sortedBy(items, keys);
        },
      };
    }
    default:
      return mapFold(kind === 'transformMapEntry');
  }
}

/** @throws CelRuntimeError for a key that is there already */
function insert(into: LiteralMap, entries: CelMap): void {
  for (const key of entries.keys()) {
    if (into.has(key)) {
      const text = key instanceof CelUint ? key.value : String(key);
      throw new CelRuntimeError(`insert failed: key ${text} already exists`);
    }
    into.set(key, entries.get(key) as CelValue);
  }
}

function mapFold(entries: boolean): Fold {
  const made = new LiteralMap();
  return {
    step: (body, frame, key) => {
      const value = body(frame);
      if (!entries) made.set(key, value);
      else if (isMap(value)) insert(made, value);
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
