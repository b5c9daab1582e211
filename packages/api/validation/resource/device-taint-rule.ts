import { invalid, tooMany } from '@coxswain/machinery';
import { validateCSIDriverName } from '../csi.ts';
import { validateDNS1123Label } from '../formats.ts';
import { goStruct } from '../go-print.ts';
import { semanticEqual } from '../immutable.ts';
import { validateConditions } from '../misc/policy.ts';
import { type Errors, immutableMessage, type Json, specPath, statusPath } from '../values.ts';
import { validateDeviceTaint } from './device-request.ts';
import * as limits from './limits.ts';
import { validatePoolName } from './names.ts';

/** ValidateDeviceTaintRule without the metadata; `old` is what is stored. */
export function validateDeviceTaintRule(errs: Errors, rule: Json, old?: Json): void {
  const { deviceSelector: selector, taint = {} } = rule['spec'] ?? {};
  const path = specPath.child('deviceSelector');
  if (selector != null) {
    const { driver, pool, device } = selector;
    if (driver != null) validateCSIDriverName(errs, driver, path.child('driver'));
    if (pool != null) validatePoolName(errs, pool, path.child('pool'));
    if (device != null) validateDNS1123Label(errs, device, path.child('device'));
  }
  const before = old === undefined ? undefined : (old['spec']?.taint ?? {});
  validateDeviceTaint(errs, taint, specPath.child('taint'), before);
}

/** ValidateDeviceTaintRuleStatusUpdate. */
export function validateDeviceTaintRuleStatus(errs: Errors, rule: Json): void {
  const conditions: readonly Json[] = rule['status']?.conditions ?? [];
  const path = statusPath.child('conditions');
  validateConditions(errs, conditions, path);
  if (conditions.length <= limits.statusConditions) return;
  errs.push(tooMany(path, conditions.length, limits.statusConditions));
}

const highestLimit = 1000;

/** ValidateResourcePoolStatusRequest without the metadata. */
export function validateResourcePoolStatusRequest(errs: Errors, request: Json): void {
  const { driver, poolName, limit } = request['spec'] ?? {};
  validateCSIDriverName(errs, driver, specPath.child('driver'));
  if (poolName != null) validatePoolName(errs, poolName, specPath.child('poolName'));
  if (limit == null) return;
  const path = specPath.child('limit');
  if (limit < 1) errs.push(invalid(path, limit, 'must be greater than or equal to 1'));
  else if (limit > highestLimit)
    errs.push(invalid(path, limit, `must be less than or equal to ${highestLimit}`));
}

/** ValidateResourcePoolStatusRequestUpdate: what is asked stays. */
export function validateResourcePoolStatusRequestUpdate(errs: Errors, request: Json, old: Json): void {
  if (semanticEqual(request['spec'], old['spec'])) return;
  const shown = goStruct(request['spec'] ?? {}, 'io.k8s.api.resource.v1alpha3.ResourcePoolStatusRequestSpec');
  errs.push(invalid(specPath, shown, immutableMessage));
}
