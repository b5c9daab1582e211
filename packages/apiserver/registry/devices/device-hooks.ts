import { deepEqual, type FieldError, FieldPath } from '@coxswain/machinery';
import type { ResourceHooks } from '../hooks.ts';
import { deviceExpressionFault } from './device-expression.ts';

interface Selector {
  readonly cel?: { readonly expression?: string };
}

interface Wanted {
  readonly selectors?: readonly Selector[];
}

interface Request {
  readonly exactly?: Wanted;
  readonly firstAvailable?: readonly Wanted[];
}

const none: readonly FieldError[] = [];
// longer ones are refused for their length and not compiled
const longest = 10 * 1024;

function selectorFaults(selectors: readonly Selector[] | undefined, path: FieldPath): FieldError[] {
  return (selectors ?? []).flatMap((selector, i) => {
    const expression = selector.cel?.expression;
    if (expression === undefined || Buffer.byteLength(expression) > longest) return [];
    return deviceExpressionFault(path.index(i).child('cel').child('expression'), expression) ?? [];
  });
}

function claimFaults(requests: readonly Request[] | undefined, path: FieldPath): FieldError[] {
  return (requests ?? []).flatMap(({ exactly, firstAvailable }, i) => [
    ...(firstAvailable ?? []).flatMap((one, j) =>
      selectorFaults(one.selectors, path.index(i).child('firstAvailable').index(j).child('selectors')),
    ),
    ...selectorFaults(exactly?.selectors, path.index(i).child('exactly').child('selectors')),
  ]);
}

/** Claims whose selectors cannot be compiled are refused; what was stored once stays. */
export const resourceClaimHooks: ResourceHooks = {
  validate: (claim, old) => {
    if (old !== undefined) return none;
    return claimFaults(claim['spec']?.devices?.requests, FieldPath.root('spec', 'devices', 'requests'));
  },
};

/** The same for templates of claims. */
export const resourceClaimTemplateHooks: ResourceHooks = {
  validate: (template, old) => {
    if (old !== undefined) return none;
    const path = FieldPath.root('spec', 'spec', 'devices', 'requests');
    return claimFaults(template['spec']?.spec?.devices?.requests, path);
  },
};

/** The same for classes of devices, whose selectors may change. */
export const deviceClassHooks: ResourceHooks = {
  validate: (deviceClass, old) => {
    const selectors = deviceClass['spec']?.selectors;
    if (old !== undefined && deepEqual(selectors, old['spec']?.selectors)) return none;
    return selectorFaults(selectors, FieldPath.root('spec', 'selectors'));
  },
};
