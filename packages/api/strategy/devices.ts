import type { KubeObject } from '@coxswain/machinery';
import { validateResourceClaimStatus } from '../validation/resource/claim-status.ts';
import { validateDeviceClass } from '../validation/resource/device-class.ts';
import {
  validateDeviceTaintRule,
  validateDeviceTaintRuleStatus,
  validateResourcePoolStatusRequest,
  validateResourcePoolStatusRequestUpdate,
} from '../validation/resource/device-taint-rule.ts';
import {
  validateResourceClaim,
  validateResourceClaimTemplate,
  validateResourceClaimTemplateUpdate,
  validateResourceClaimUpdate,
} from '../validation/resource/resource-claim.ts';
import { validateResourceSlice, validateResourceSliceUpdate } from '../validation/resource/resource-slice.ts';
import type { Json } from '../validation/values.ts';
import type { KindRules, RequestContext } from './contract.ts';
import { resetMetaForStatus } from './generic.ts';

/** A request for devices is for exactly one unless it says otherwise. */
function defaultDeviceRequests(devices: Json | undefined): void {
  for (const request of devices?.['requests'] ?? []) {
    const wanted: Json[] = [...(request.firstAvailable ?? [])];
    if (request.exactly) wanted.push(request.exactly);
    // the first version held in the request itself what is below `exactly` now
    else if (request.deviceClassName) wanted.push(request);
    for (const one of wanted) {
      one['allocationMode'] ||= 'ExactCount';
      if (one['allocationMode'] === 'ExactCount') one['count'] ||= 1;
    }
  }
}

/** What was said of devices goes when they are no longer allocated. */
function prepareClaimStatus(claim: KubeObject, old: KubeObject): void {
  resetMetaForStatus(claim, old);
  const status: Json | undefined = claim['status'];
  const devices: readonly Json[] | undefined = status?.['devices'];
  if (status === undefined || devices === undefined) return;
  const idOf = ({ driver, pool, device, shareID }: Json): string =>
    JSON.stringify([driver, pool, device, shareID ?? null]);
  const idsOf = (results: readonly Json[] | undefined): Set<string> => new Set((results ?? []).map(idOf));
  const freed = idsOf(old['status']?.allocation?.devices?.results);
  for (const id of idsOf(status['allocation']?.devices?.results)) freed.delete(id);
  if (freed.size === 0) return;
  const kept = devices.filter((device) => !freed.has(idOf(device)));
  if (kept.length > 0) status['devices'] = kept;
  else delete status['devices'];
}

export const resourceClaimRules: KindRules = {
  allowUnconditionalUpdate: true,
  defaults: (claim) => defaultDeviceRequests(claim['spec']?.devices),
  validate: validateResourceClaim,
  update: { metaAsNewToo: true, validate: validateResourceClaimUpdate },
  subresources: { status: { prepare: prepareClaimStatus, validate: validateResourceClaimStatus } },
};

export const resourceClaimTemplateRules: KindRules = {
  allowUnconditionalUpdate: true,
  defaults: (template) => defaultDeviceRequests(template['spec']?.spec?.devices),
  validate: validateResourceClaimTemplate,
  update: { validate: validateResourceClaimTemplateUpdate },
};

export const deviceClassRules: KindRules = {
  generation: true,
  allowUnconditionalUpdate: true,
  validate: (errs, deviceClass, { expressionFaults }) =>
    validateDeviceClass(errs, deviceClass, expressionFaults),
  update: {
    metaAsNewToo: true,
    validate: (errs, deviceClass, old, { expressionFaults }) =>
      validateDeviceClass(errs, deviceClass, expressionFaults, old),
  },
};

const listAttributes = ['ints', 'bools', 'strings', 'versions'];

/** What features are off for is not kept; taints that come without a time are of now. */
function prepareSlice(slice: KubeObject, { now }: RequestContext): void {
  for (const device of slice['spec']?.devices ?? []) {
    delete device.nodeAllocatableResourceMappings;
    for (const attribute of Object.values<Json>(device.attributes ?? {})) {
      for (const member of listAttributes) delete attribute[member];
    }
    for (const taint of device.taints ?? []) taint.timeAdded ??= now;
  }
}

export const resourceSliceRules: KindRules = {
  generation: true,
  allowUnconditionalUpdate: true,
  prepareForCreate: prepareSlice,
  validate: validateResourceSlice,
  update: {
    prepare: (slice, _old, context) => prepareSlice(slice, context),
    validate: validateResourceSliceUpdate,
  },
};

/** The taint of a rule that comes without a time is of now. */
function stampRule(rule: KubeObject, { now }: RequestContext): void {
  const taint: Json | undefined = rule['spec']?.taint;
  if (taint) taint['timeAdded'] ??= now;
}

export const deviceTaintRuleRules: KindRules = {
  generation: true,
  allowUnconditionalUpdate: true,
  prepareForCreate: stampRule,
  validate: (errs, rule) => validateDeviceTaintRule(errs, rule),
  update: {
    prepare: (rule, _old, context) => stampRule(rule, context),
    validate: validateDeviceTaintRule,
  },
  subresources: { status: { prepare: resetMetaForStatus, validate: validateDeviceTaintRuleStatus } },
};

export const resourcePoolStatusRequestRules: KindRules = {
  allowUnconditionalUpdate: true,
  validate: validateResourcePoolStatusRequest,
  update: { validate: validateResourcePoolStatusRequestUpdate },
  subresources: { status: { prepare: resetMetaForStatus } },
};
