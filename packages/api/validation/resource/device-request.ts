import {
  type FieldPath,
  invalid,
  isValidLabelValue,
  notSupported,
  required,
  tooLong,
} from '@coxswain/machinery';
import { validateDNS1123Label } from '../formats.ts';
import { validateLabelName } from '../object-meta.ts';
import { addInvalid, blank, byteLength, type Errors, type Json } from '../values.ts';
import * as limits from './limits.ts';
import { validateMap, validateSet, validateSlice } from './lists.ts';
import { validateDeviceClassName, validateQualifiedDeviceName } from './names.ts';

/** One request of a claim: for devices of one class, or for the first of several alternatives. */
export function validateDeviceRequest(errs: Errors, request: Json, path: FieldPath): void {
  validateDNS1123Label(errs, request['name'], path.child('name'));
  const alternatives: readonly Json[] = request['firstAvailable'] ?? [];
  const exactly: Json | undefined = request['exactly'];
  if (alternatives.length > 0) {
    validateSet(
      errs,
      alternatives,
      limits.firstAvailableRequests,
      (found, one, place) => {
        validateDNS1123Label(found, one['name'], place.child('name'));
        validateWanted(found, one, place);
      },
      (one) => one['name'] ?? '',
      path.child('firstAvailable'),
      'name',
    );
  }
  if (exactly != null) validateWanted(errs, exactly, path.child('exactly'));
  const rule = 'exactly one of `exactly` or `firstAvailable` is required';
  if (alternatives.length === 0 && exactly == null) errs.push(required(path, rule));
  if (alternatives.length > 0 && exactly != null) {
    errs.push(invalid(path, null, `${rule}, but multiple fields are set`));
  }
}

/** What an exact request and an alternative have in common. */
function validateWanted(errs: Errors, wanted: Json, path: FieldPath): void {
  validateDeviceClassName(errs, wanted['deviceClassName'], path.child('deviceClassName'));
  validateSelectors(errs, wanted['selectors'], path.child('selectors'));
  validateAllocationMode(errs, wanted, path);
  validateSlice(
    errs,
    wanted['tolerations'],
    limits.deviceTolerations,
    validateDeviceToleration,
    path.child('tolerations'),
  );
  const capacity: Json | undefined = wanted['capacity'];
  if (capacity == null) return;
  const place = path.child('capacity').child('requests');
  validateMap(errs, capacity['requests'], -1, validateQualifiedDeviceName, () => {}, place);
}

/** Selectors that can be compiled; what they say is checked where the language is known. */
export function validateSelectors(
  errs: Errors,
  selectors: readonly Json[] | undefined,
  path: FieldPath,
): void {
  validateSlice(
    errs,
    selectors,
    limits.deviceSelectors,
    (found, selector, place) => {
      const expression: string | undefined = selector['cel']?.expression;
      if (selector['cel'] == null) found.push(required(place.child('cel')));
      else if (byteLength(expression ?? '') > limits.selectorLength) {
        found.push(tooLong(place.child('cel').child('expression'), limits.selectorLength));
      }
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
  const { key, operator, value, effect, tolerationSeconds: seconds } = toleration;
  if (!blank(key)) validateLabelName(errs, key, path.child('key'));
  if (operator === 'Exists') {
    const message = 'must be empty for operator `Exists`';
    if (!blank(value)) errs.push(invalid(path.child('value'), value, message));
  } else if (operator === 'Equal') {
    addInvalid(errs, path.child('value'), value ?? '', isValidLabelValue(value ?? ''));
    if (blank(key)) errs.push(required(path.child('key'), 'must not be empty for operator `Equal`'));
  } else if (blank(operator)) errs.push(required(path.child('operator')));
  else errs.push(notSupported(path.child('operator'), operator, ['Equal', 'Exists']));
  if (!blank(effect) && !taintEffects.includes(effect)) {
    errs.push(notSupported(path.child('effect'), effect, taintEffects));
  }
  if (seconds != null && effect !== 'NoExecute') {
    const message = "effect must be 'NoExecute' when `tolerationSeconds` is set";
    errs.push(invalid(path.child('effect'), effect ?? '', message));
  }
}

/** A taint of a device. */
export function validateDeviceTaint(errs: Errors, taint: Json, path: FieldPath): void {
  const { key, value, effect } = taint;
  validateLabelName(errs, key, path.child('key'));
  if (!blank(value)) addInvalid(errs, path.child('value'), value, isValidLabelValue(value));
  if (blank(effect)) errs.push(required(path.child('effect')));
  else if (!taintEffects.includes(effect)) {
    errs.push(notSupported(path.child('effect'), effect, taintEffects));
  }
}
