import { duplicate, type FieldPath, invalid, required, tooLong } from '@coxswain/machinery';
import { validateDNS1123Label } from '../formats.ts';
import { goStruct } from '../go-print.ts';
import { semanticEqual } from '../immutable.ts';
import { validateLabelName } from '../object-meta.ts';
import { byteLength, type Errors, type Json, keysOf, sizeOf } from '../values.ts';
import { validateOwnCapacity, validateSharedCapacity } from './device-capacity.ts';
import { validateDeviceTaint } from './device-request.ts';
import * as limits from './limits.ts';
import { validateMap, validateSet, validateSlice } from './lists.ts';
import { validateQualifiedDeviceName } from './names.ts';
import { validateDeviceNodes } from './nodes.ts';

const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/;

/**
 * One device of a slice.
 *
 * @param perDevice each device says from which nodes it can be reached
 * @param old the device of that name that is stored, whose taints are not looked at again
 */
export function validateDevice(
  errs: Errors,
  device: Json,
  path: FieldPath,
  perDevice: boolean,
  old: Json | undefined,
): void {
  const { attributes, capacity } = device;
  validateDNS1123Label(errs, device['name'], path.child('name'));
  const count = sizeOf(attributes) + sizeOf(capacity);
  if (count > limits.attributesAndCapacities) {
    const message = `the total number of attributes and capacities must not exceed ${limits.attributesAndCapacities}`;
    errs.push(invalid(path, count, message));
  }
  const named = (map: Json | undefined, check: typeof validateAttribute, place: FieldPath): void => {
    validateMap(
      errs,
      map,
      { most: -1, keyLength: limits.qualifiedNameLength, checkKey: validateQualifiedDeviceName, check },
      place,
    );
  };
  named(attributes, validateAttribute, path.child('attributes'));
  const shared = device['allowMultipleAllocations'] === true;
  named(capacity, shared ? validateSharedCapacity : validateOwnCapacity, path.child('capacity'));
  if (old === undefined || !semanticEqual(old['taints'], device['taints'])) {
    const checkTaint = (found: Errors, taint: Json, at: FieldPath): void => {
      validateDeviceTaint(found, taint, at);
    };
    validateSlice(errs, device['taints'], limits.deviceTaints, checkTaint, path.child('taints'));
  }
  validateSet(
    errs,
    device['consumesCounters'] as readonly Json[] | undefined,
    { most: limits.counterConsumptions, check: validateConsumption, key: (one) => one['counterSet'] ?? '' },
    path.child('consumesCounters'),
  );
  validateDeviceNodes(errs, device, path, perDevice);
  validateBindingConditions(errs, device, path);
}

function validateConsumption(errs: Errors, consumption: Json, path: FieldPath): void {
  const place = path.child('counterSet');
  if (!consumption['counterSet']) errs.push(required(place));
  else validateDNS1123Label(errs, consumption['counterSet'], place);
  validateCounters(errs, consumption['counters'], path.child('counters'));
}

/** What a set holds of each counter, or a device takes. */
export function validateCounters(errs: Errors, counters: Json | undefined, path: FieldPath): void {
  if (sizeOf(counters) === 0) errs.push(required(path));
  else {
    const { countersOfSet, labelLength } = limits;
    validateMap(
      errs,
      counters,
      { most: countersOfSet, keyLength: labelLength, checkKey: validateDNS1123Label, check: () => {} },
      path,
    );
  }
}

/** Conditions that a device must and must not have before a pod is bound to its node. */
export function validateBindingConditions(errs: Errors, holder: Json, path: FieldPath): void {
  const wanted: readonly string[] = holder['bindingConditions'] ?? [];
  const failures: readonly string[] = holder['bindingFailureConditions'] ?? [];
  const wantedPath = path.child('bindingConditions');
  const failuresPath = path.child('bindingFailureConditions');
  validateSlice(errs, wanted, limits.bindingConditions, validateLabelName, wantedPath);
  validateSlice(errs, failures, limits.bindingConditions, validateLabelName, failuresPath);
  wanted.forEach((condition, i) => {
    if (wanted.indexOf(condition) < i) errs.push(duplicate(wantedPath.index(i), condition));
  });
  failures.forEach((condition, i) => {
    const place = failuresPath.index(i);
    if (failures.indexOf(condition) < i) errs.push(duplicate(place, condition));
    if (!wanted.includes(condition)) return;
    errs.push(invalid(place, condition, 'bindingFailureConditions must not overlap with bindingConditions'));
  });
  if (wanted.length === 0 && failures.length > 0) {
    const shown = holder['bindingConditions'] ?? null;
    errs.push(invalid(wantedPath, shown, 'bindingConditions are required to use bindingFailureConditions'));
  }
  if (failures.length === 0 && wanted.length > 0) {
    const shown = holder['bindingFailureConditions'] ?? null;
    errs.push(invalid(failuresPath, shown, 'bindingFailureConditions are required to use bindingConditions'));
  }
}

const values = ['int', 'bool', 'string', 'version'];

function validateAttribute(errs: Errors, attribute: Json, path: FieldPath): void {
  const set = keysOf(attribute).filter((name) => values.includes(name) && attribute[name] != null);
  const { string, version } = attribute;
  const long = (member: string, value: string): void => {
    if (byteLength(value) <= limits.attributeValueLength) return;
    errs.push(tooLong(path.child(member), limits.attributeValueLength));
  };
  if (string != null) long('string', string);
  if (version != null) {
    if (!semver.test(version)) {
      const message = 'must be a string compatible with semver.org spec 2.0.0';
      errs.push(invalid(path.child('version'), version, message));
    }
    long('version', version);
  }
  if (set.length === 0) errs.push(invalid(path, '', 'exactly one value must be specified'));
  else if (set.length > 1) {
    const shown = goStruct(attribute, 'io.k8s.api.resource.v1.DeviceAttribute');
    errs.push(invalid(path, shown, 'exactly one value must be specified'));
  }
}
