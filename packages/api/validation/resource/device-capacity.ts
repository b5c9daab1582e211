import {
  type FieldPath,
  forbidden,
  invalid,
  parseQuantity,
  type Quantity,
  required,
} from '@coxswain/machinery';
import { type Errors, type Json, sizeOf } from '../values.ts';
import * as limits from './limits.ts';
import { validateSet } from './lists.ts';

/** A capacity of a device that one claim has to itself. */
export function validateOwnCapacity(errs: Errors, capacity: Json, path: FieldPath): void {
  if (capacity['requestPolicy'] == null) return;
  errs.push(forbidden(path.child('requestPolicy'), 'allowMultipleAllocations must be true'));
}

/** A capacity of a device that claims share, which says how much of it each may ask for. */
export function validateSharedCapacity(errs: Errors, capacity: Json, path: FieldPath): void {
  const policy: Json | undefined = capacity['requestPolicy'];
  if (policy == null) return;
  const place = path.child('requestPolicy');
  const { validValues, validRange, default: standard } = policy;
  const kind = sizeOf(validValues) > 0 ? 'validValues' : 'validRange';
  if (kind === 'validValues' && validRange != null) {
    const message =
      'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    errs.push(forbidden(place, message));
    return;
  }
  if (kind === 'validRange' && validRange == null) return;
  if (standard == null) {
    errs.push(required(place.child('default'), `required when ${kind} is defined`));
    return;
  }
  const most = parseQuantity(capacity['value'] ?? '0');
  if (kind === 'validValues') {
    validateValues(errs, validValues, parseQuantity(standard), most, place.child(kind));
  } else validateRange(errs, validRange, parseQuantity(standard), most, place.child(kind));
}

function validateValues(
  errs: Errors,
  texts: readonly string[],
  standard: Quantity,
  most: Quantity,
  path: FieldPath,
): void {
  const values = texts.map(parseQuantity);
  values.slice(1).forEach((value, i) => {
    if (values[i]!.compare(value) <= 0) return;
    errs.push(invalid(path.index(i + 1), `${value}`, 'values must be sorted in ascending order'));
  });
  validateSet(
    errs,
    values,
    {
      most: limits.requestValues,
      check: (found, value, place) => {
        if (value.compare(most) <= 0) return;
        found.push(invalid(place, `${value}`, `option is larger than capacity value: ${most}`));
      },
      key: (value) => `${value.value()}`,
    },
    path,
  );
  // too many are not looked at
  const known =
    values.length <= limits.requestValues && values.some((value) => value.compare(standard) === 0);
  if (known) return;
  errs.push(invalid(path, `${standard}`, 'default value is not valid according to the requestPolicy'));
}

function validateRange(errs: Errors, range: Json, standard: Quantity, most: Quantity, path: FieldPath): void {
  const [low, high, step] = [range['min'], range['max'], range['step']].map((text) =>
    text == null ? undefined : parseQuantity(text),
  );
  const refuse = (member: string, value: Quantity, message: string): void => {
    errs.push(invalid(path.child(member), `${value}`, message));
  };
  if (low === undefined) {
    errs.push(required(path.child('min'), 'required when validRange is defined'));
    return;
  }
  if (low.compare(most) > 0) refuse('min', low, `min is larger than capacity value: ${most}`);
  if (standard.compare(low) < 0) refuse('min', standard, `default is less than min: ${low}`);
  if (high !== undefined) {
    if (low.compare(high) > 0) refuse('max', low, `min is larger than max: ${high}`);
    if (high.compare(most) > 0) refuse('max', high, `max is larger than capacity value: ${most}`);
    if (standard.compare(high) > 0) refuse('max', standard, `default is more than max: ${high}`);
  }
  if (step === undefined) return;
  const next = low.add(step);
  if (next.compare(most) > 0) refuse('step', step, `one step ${next} is larger than capacity value: ${most}`);
  for (const value of [standard, high]) {
    // upstream divides by zero where the step is nothing
    if (value === undefined || step.value() === 0n) continue;
    if ((value.value() - low.value()) % step.value() === 0n) continue;
    refuse('step', value, `value is not a multiple of a given step (${step}) from (${low})`);
  }
}
