import {
  type FieldPath,
  invalid,
  isValidLabelValue,
  notSupported,
  required,
  tooLong,
} from '@coxswain/machinery';
import { type ExpressionFaults, reportExpression } from '../expression-faults.ts';
import { validateDNS1123Label } from '../formats.ts';
import { validateLabelName } from '../object-meta.ts';
import { addInvalid, blank, byteLength, type Errors, type Json } from '../values.ts';
import * as limits from './limits.ts';
import { validateSet, validateSlice } from './lists.ts';
import { validateDeviceClassName } from './names.ts';

/** One request of a claim: for devices of one class, or for the first of several alternatives. */
export function validateDeviceRequest(
  errs: Errors,
  request: Json,
  path: FieldPath,
  faults: ExpressionFaults | undefined,
): void {
  validateDNS1123Label(errs, request['name'], path.child('name'));
  const alternatives: readonly Json[] = request['firstAvailable'] ?? [];
  const exactly: Json | undefined = request['exactly'];
  const rule = 'exactly one of `exactly` or `firstAvailable` is required';
  if (alternatives.length === 0) {
    if (exactly == null) errs.push(required(path, rule));
    else validateWanted(errs, exactly, path.child('exactly'), faults);
  } else if (exactly != null) {
    errs.push(invalid(path, null, `${rule}, but multiple fields are set`));
  } else {
    validateSet(
      errs,
      alternatives,
      {
        most: limits.firstAvailableRequests,
        check: (found, one, place) => {
          validateDNS1123Label(found, one['name'], place.child('name'));
          validateWanted(found, one, place, faults);
        },
        key: (one) => one['name'] ?? '',
      },
      path.child('firstAvailable'),
    );
  }
}

/** What an exact request and an alternative have in common. */
function validateWanted(
  errs: Errors,
  wanted: Json,
  path: FieldPath,
  faults: ExpressionFaults | undefined,
): void {
  validateDeviceClassName(errs, wanted['deviceClassName'], path.child('deviceClassName'));
  validateSelectors(errs, wanted['selectors'], path.child('selectors'), faults);
  validateAllocationMode(errs, wanted, path);
  validateSlice(errs, wanted['tolerations'], -1, validateDeviceToleration, path.child('tolerations'));
}

/** Selectors that can be compiled; what they say is checked where the language is known. */
export function validateSelectors(
  errs: Errors,
  selectors: readonly Json[] | undefined,
  path: FieldPath,
  faults: ExpressionFaults | undefined,
): void {
  validateSlice(
    errs,
    selectors,
    limits.deviceSelectors,
    (found, selector, place) => {
      const expression = place.child('cel').child('expression');
      if (selector['cel'] == null) found.push(required(place.child('cel')));
      else if (byteLength(selector['cel'].expression ?? '') > limits.selectorLength) {
        found.push(tooLong(expression, limits.selectorLength));
      } else reportExpression(found, faults, expression);
    },
    path,
  );
}

function validateAllocationMode(errs: Errors, wanted: Json, path: FieldPath): void {
  const { allocationMode: mode, count = 0 } = wanted;
  if (mode === 'All') {
    const message = "must not be specified when allocationMode is 'All'";
    if (count !== 0) errs.push(invalid(path.child('count'), count, message));
  } else if (mode === 'ExactCount') {
    if (count <= 0) errs.push(invalid(path.child('count'), count, 'must be greater than zero'));
  } else {
    errs.push(notSupported(path.child('allocationMode'), mode ?? '', ['All', 'ExactCount']));
  }
}

const taintEffects = ['NoExecute', 'NoSchedule', 'None'];

function validateDeviceToleration(errs: Errors, toleration: Json, path: FieldPath): void {
  const { key, operator, value, effect } = toleration;
  if (!blank(key)) validateLabelName(errs, key, path.child('key'));
  if (operator === 'Exists') {
    const message = 'must be empty for operator `Exists`';
    if (!blank(value)) errs.push(invalid(path.child('value'), value, message));
  } else if (operator === 'Equal') {
    addInvalid(errs, path.child('value'), value ?? '', isValidLabelValue(value ?? ''));
  } else if (blank(operator)) errs.push(required(path.child('operator')));
  else errs.push(notSupported(path.child('operator'), operator, ['Equal', 'Exists']));
  if (!blank(effect) && !taintEffects.includes(effect)) {
    errs.push(notSupported(path.child('effect'), effect, taintEffects));
  }
}

/** A taint of a device; the effect that is stored is not looked at again. */
export function validateDeviceTaint(errs: Errors, taint: Json, path: FieldPath, old?: Json): void {
  const { key, value, effect } = taint;
  validateLabelName(errs, key, path.child('key'));
  if (!blank(value)) addInvalid(errs, path.child('value'), value, isValidLabelValue(value));
  if (old !== undefined && (old['effect'] ?? '') === (effect ?? '')) return;
  if (blank(effect)) errs.push(required(path.child('effect')));
  else if (!taintEffects.includes(effect)) {
    errs.push(notSupported(path.child('effect'), effect, taintEffects));
  }
}
