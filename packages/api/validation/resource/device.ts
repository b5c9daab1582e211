import { type FieldPath, invalid, required, tooLong } from '@coxswain/machinery';
import { validateDNS1123Label } from '../formats.ts';
import { goStruct } from '../go-print.ts';
import { byteLength, type Errors, type Json, keysOf, sizeOf } from '../values.ts';
import { validateDeviceTaint } from './device-request.ts';
import * as limits from './limits.ts';
import { validateMap, validateSet, validateSlice } from './lists.ts';
import { validateQualifiedDeviceName } from './names.ts';
import { validateNodes } from './nodes.ts';

const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+([0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*))?$/;

/**
 * One device of a slice.
 *
 * @param perDevice each device says from which nodes it can be reached
 */
export function validateDevice(errs: Errors, device: Json, path: FieldPath, perDevice: boolean): void {
  const { attributes, capacity } = device;
  validateDNS1123Label(errs, device['name'], path.child('name'));
  validateMap(errs, attributes, -1, validateQualifiedDeviceName, validateAttribute, path.child('attributes'));
  validateMap(errs, capacity, -1, validateQualifiedDeviceName, () => {}, path.child('capacity'));
  const count = sizeOf(attributes) + sizeOf(capacity);
  if (count > limits.attributesAndCapacities) {
    const message = `the total number of attributes and capacities must not exceed ${limits.attributesAndCapacities}`;
    errs.push(invalid(path, count, message));
  }
  validateSlice(errs, device['taints'], limits.deviceTaints, validateDeviceTaint, path.child('taints'));
  validateSet(
    errs,
    device['consumesCounters'] as readonly Json[] | undefined,
    limits.counterConsumptions,
    validateConsumption,
    (one) => one['counterSet'] ?? '',
    path.child('consumesCounters'),
    'counterSet',
  );
  if (perDevice) validateNodes(errs, device, path, false);
  else {
    for (const member of ['nodeName', 'nodeSelector', 'allNodes']) {
      if (device[member] == null) continue;
      const message = '`perDeviceNodeSelection` must be set to true in the ResourceSlice spec';
      errs.push(invalid(path.child(member), device[member], message));
    }
  }
}

function validateConsumption(errs: Errors, consumption: Json, path: FieldPath): void {
  const place = path.child('counterSet');
  if (!consumption['counterSet']) errs.push(required(place));
  else validateDNS1123Label(errs, consumption['counterSet'], place);
  const counters = path.child('counters');
  if (sizeOf(consumption['counters']) === 0) errs.push(required(counters));
  else {
    validateMap(
      errs,
      consumption['counters'],
      limits.countersOfSet,
      validateDNS1123Label,
      () => {},
      counters,
    );
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
  if (set.length === 0) errs.push(required(path, 'exactly one value must be specified'));
  else if (set.length > 1) {
    const shown = goStruct(attribute, 'io.k8s.api.resource.v1.DeviceAttribute');
    errs.push(invalid(path, shown, 'exactly one value must be specified'));
  }
}
