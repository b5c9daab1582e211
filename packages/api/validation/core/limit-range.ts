import {
  duplicate,
  type FieldPath,
  forbidden,
  invalid,
  isQualifiedName,
  parseQuantity,
  type Quantity,
  required,
} from '@coxswain/machinery';
import {
  isOvercommitAllowed,
  validateContainerResourceName,
  validateResourceName,
} from '../resource-names.ts';
import { addInvalid, type Errors, type Json, keysOf, sizeOf, specPath } from '../values.ts';

const standardTypes = ['Pod', 'Container', 'PersistentVolumeClaim'];

/** ValidateLimitRange without the metadata. */
export function validateLimitRange(errs: Errors, range: Json): void {
  const limits: readonly Json[] = range['spec']?.limits ?? [];
  const seen = new Set<string>();
  limits.forEach((limit, i) => {
    const path = specPath.child('limits').index(i);
    const type: string = limit['type'] ?? '';
    validateTypeName(errs, type, path.child('type'));
    if (seen.has(type)) errs.push(duplicate(path.child('type'), type));
    seen.add(type);
    validateItem(errs, limit, type, path);
  });
}

function validateTypeName(errs: Errors, type: string, path: FieldPath): void {
  const messages = isQualifiedName(type);
  addInvalid(errs, path, type, messages);
  if (messages.length === 0 && !type.includes('/') && !standardTypes.includes(type)) {
    errs.push(invalid(path, type, 'must be a standard limit type or fully qualified'));
  }
}

type Limits = Record<string, Quantity>;

function validateItem(errs: Errors, limit: Json, type: string, path: FieldPath): void {
  const ofContainers = type === 'Pod' || type === 'Container';
  const keys = new Set<string>();
  const read = (member: string): Limits => {
    const out: Limits = {};
    for (const name of keysOf(limit[member])) {
      const place = path.child(member).key(name);
      if (ofContainers) validateContainerResourceName(errs, name, place);
      else validateResourceName(errs, name, place);
      keys.add(name);
      out[name] = parseQuantity(limit[member][name]);
    }
    return out;
  };
  const max = read('max');
  const min = read('min');
  let defaults: Limits = {};
  let requests: Limits = {};
  if (type === 'Pod') {
    for (const member of ['default', 'defaultRequest']) {
      if (sizeOf(limit[member]) === 0) continue;
      errs.push(forbidden(path.child(member), "may not be specified when `type` is 'Pod'"));
    }
  } else {
    defaults = read('default');
    requests = read('defaultRequest');
  }
  if (type === 'PersistentVolumeClaim' && min['storage'] == null && max['storage'] == null) {
    const message = 'either minimum or maximum storage value is required, but neither was provided';
    errs.push(required(path.child('limits'), message));
  }
  const ratio = read('maxLimitRequestRatio');
  for (const key of [...keys].sort()) {
    compare(errs, path, key, { min, max, default: defaults, defaultRequest: requests, ratio });
  }
}

/** What each pair is called where it is compared, and which value upstream shows. */
const order = [
  ['min', 'max', 'min value', 'max value', 'min', 'min'],
  ['min', 'defaultRequest', 'min value', 'default request value', 'defaultRequest', 'defaultRequest'],
  ['defaultRequest', 'max', 'default request value', 'max value', 'defaultRequest', 'defaultRequest'],
  [
    'defaultRequest',
    'default',
    'default request value',
    'default limit value',
    'defaultRequest',
    'defaultRequest',
  ],
  ['min', 'default', 'min value', 'default value', 'default', 'min'],
  ['default', 'max', 'default value', 'max value', 'default', 'max'],
] as const;

type Compared = Record<'min' | 'max' | 'default' | 'defaultRequest' | 'ratio', Limits>;

function compare(errs: Errors, path: FieldPath, key: string, all: Compared): void {
  for (const [low, high, lowName, highName, place, shown] of order) {
    const a = all[low][key];
    const b = all[high][key];
    if (a == null || b == null || a.compare(b) <= 0) continue;
    const message = `${lowName} ${a.toString()} is greater than ${highName} ${b.toString()}`;
    errs.push(invalid(path.child(place).key(key), all[shown][key]!.toString(), message));
  }
  compareRatio(errs, path.child('maxLimitRequestRatio').key(key), key, all);
  const limit = all.default[key];
  const request = all.defaultRequest[key];
  if (limit == null || request == null || isOvercommitAllowed(key) || limit.compare(request) === 0) return;
  const message = `default value ${limit.toString()} must equal to defaultRequest value ${request.toString()} in ${key}`;
  errs.push(invalid(path.child('defaultRequest').key(key), request.toString(), message));
}

function compareRatio(errs: Errors, path: FieldPath, key: string, all: Compared): void {
  const ratio = all.ratio[key];
  if (ratio == null) return;
  if (ratio.compare(parseQuantity('1')) < 0) {
    errs.push(invalid(path, ratio.toString(), `ratio ${ratio.toString()} is less than 1`));
  }
  const min = all.min[key];
  const max = all.max[key];
  if (min == null || max == null) return;
  const highest = Number(max.milliValue()) / Number(min.milliValue());
  if (Number(ratio.milliValue()) / 1000 <= highest) return;
  const message = `ratio ${ratio.toString()} is greater than max/min = ${highest.toFixed(6)}`;
  errs.push(invalid(path, ratio.toString(), message));
}
