import type { Overload } from '../functions.ts';
import { type CelValue, isList, isMap } from '../values.ts';
import { checkCost, nominal } from './call-estimate.ts';

import { listCallCost } from './list-cost.ts';
import { fixed, regexFactor, traversalFactor } from './range.ts';
import { selectorCost } from './selector-cost.ts';
import { sizeOfValue } from './value-size.ts';

const walk = (size: number, times = 1): number => Math.ceil(size * times * traversalFactor);
const pattern = (size: number): number => Math.ceil(size * regexFactor);

const emptyArgs: readonly CelValue[] = [];

/**
 * What a call that was made costs, with cel-go's figures and Kubernetes' for its libraries.
 * @param overload the only signature that the types allowed; undefined where the values decided
 * @param args the receiver first
 */
export function callCost(
  name: string,
  overload: Overload | undefined,
  args: readonly CelValue[] = emptyArgs,
  result: CelValue = null,
): number {
  if (nominal.has(name)) return 1;
  const a = args[0] ?? null;
  const b = args[1] ?? null;
  switch (name) {
    case 'check':
      return checkCost;
    case 'fieldSelector':
    case 'labelSelector':
      return selectorCost(fixed(sizeOfValue(b))).max;
    case 'isSorted':
    case 'sum':
    case 'max':
    case 'min':
    case 'indexOf':
    case 'lastIndexOf':
      return traversalCost(a);
    case 'url':
    case 'lowerAscii':
    case 'upperAscii':
    case 'substring':
    case 'trim':
    case 'jsonpatch.escapeKey':
    case 'cidr':
    case 'isIP':
    case 'isCIDR':
    case 'quantity':
    case 'isQuantity':
    case 'semver':
    case 'isSemver':
    case 'startsWith':
    case 'endsWith':
      return walk(sizeOfValue(a));
    case 'ip':
      return typeof a === 'string' ? walk(sizeOfValue(a)) : 1;
    case 'replace':
    case 'split':
    case 'ip.isCanonical':
      return walk(sizeOfValue(a), 2);
    case 'join':
      return walk(sizeOfValue(result), 2);
    case 'find':
    case 'findAll':
    case 'matches':
      return walk(1 + sizeOfValue(a)) * pattern(sizeOfValue(b));
    case 'contains':
      return walk(sizeOfValue(a)) * walk(sizeOfValue(b));
    case 'validate':
      return walk(1 + sizeOfValue(b)) * pattern(formatPatternSize(a));
    case 'containsIP':
    case 'containsCIDR': {
      const size = addressSize(a);
      const masked = name === 'containsCIDR' ? walk(size) + 1 : 0;
      return walk(size + size) + masked + (typeof b === 'string' ? walk(sizeOfValue(b)) : 0);
    }
    default:
      return listCallCost(name, args, result) ?? operatorCost(name, overload, a, b);
  }
}

function operatorCost(name: string, overload: Overload | undefined, a: CelValue, b: CelValue): number {
  const kind = overload?.params[0]?.kind;
  const isText = kind === 'string' || kind === 'bytes';
  switch (name) {
    case '_==_':
    case '_!=_':
      return walk(Math.min(sizeOfValue(a), sizeOfValue(b)));
    case '_<_':
    case '_<=_':
    case '_>_':
    case '_>=_':
      return isText ? walk(Math.min(sizeOfValue(a), sizeOfValue(b))) : 1;
    case '_+_':
      return isText ? walk(sizeOfValue(a) + sizeOfValue(b)) : 1;
    case '@in':
      return overload?.params[1]?.kind === 'list' ? sizeOfValue(b) : 1;
    case 'bytes':
      return kind === 'string' ? walk(sizeOfValue(a)) : 1;
    case 'string':
      return kind === 'bytes' ? walk(sizeOfValue(a)) : 1;
    default:
      return 1;
  }
}

/** What a walk over all of a value costs. */
function traversalCost(value: CelValue): number {
  if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * traversalFactor);
  if (value instanceof Uint8Array) return Math.floor(value.length * traversalFactor);
  if (value !== null && typeof value === 'object') {
    if (isList(value)) return value.reduce((sum: number, item) => sum + traversalCost(item), 0);
    if (isMap(value)) {
      return value
        .keys()
        .reduce((sum: number, key) => sum + traversalCost(key) + traversalCost(value.get(key) ?? null), 0);
    }
  }
  return 1;
}

function formatPatternSize(format: CelValue): number {
  const size =
    format !== null && typeof format === 'object' && 'patternSize' in format ? format.patternSize : 0;
  return typeof size === 'number' ? size : 0;
}

/** Bytes of an address. */
function addressSize(network: CelValue): number {
  const address =
    network !== null && typeof network === 'object' && 'address' in network ? network.address : {};
  return (address as { bits?: number }).bits === 32 ? 4 : 16;
}
