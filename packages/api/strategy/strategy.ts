import {
  copyJson,
  type FieldError,
  type KubeObject,
  type ResourceFact,
  type TypeFact,
} from '@coxswain/machinery';
import { decodeValue } from '../decode/decode-json.ts';
import { goEqualBut } from '../go-equal.ts';
import { dnsSubdomainName, pathSegmentName } from '../validation/names.ts';
import {
  validateFinalizers,
  validateFinalizersOnUpdate,
  validateObjectMeta,
  validateObjectMetaUpdate,
  validateUpdatedMeta,
} from '../validation/object-meta.ts';
import type { Errors, Json } from '../validation/values.ts';
import type { KindRules, RequestContext, UpdateRules, ValidationRequest } from './contract.ts';
import { bumpGeneration, carryOver, prepareMetaForCreate, prepareMetaForUpdate } from './generic.ts';
import { dropDisabledTemplateFields } from './pod-fields.ts';
import { rulesOf } from './rules.ts';

/** Which updates a resource takes. */
export interface UpdatePolicy {
  /** PUT of a name that is not there creates it. */
  readonly allowCreateOnUpdate: boolean;
  /** An update without resourceVersion is made against whatever is stored. */
  readonly allowUnconditionalUpdate: boolean;
}

/** The update policy of a built-in resource. */
export function updatePolicyOf(resource: ResourceFact): UpdatePolicy {
  const { allowCreateOnUpdate = false, allowUnconditionalUpdate = false } = rulesOf(resource);
  return { allowCreateOnUpdate, allowUnconditionalUpdate };
}

/** The name by which a resource's zero status is remembered, as decoding an empty object gives it. */
const emptyStatuses = new WeakMap<ResourceFact, Json>();

function emptyStatus(resource: ResourceFact): Json | undefined {
  const known = emptyStatuses.get(resource);
  if (known !== undefined) return copyJson(known);
  const fact = resource.type.fields.get('status');
  if (fact === undefined || fact.value.kind !== 'object') return undefined;
  const status = decodeValue({}, fact.value.type, { strict: false }).object as unknown as Json;
  emptyStatuses.set(resource, status);
  return copyJson(status);
}

/**
 * Makes an object ready to be stored for the first time, in place: what only the server may set is dropped or
 * set. Expects defaults applied and `metadata.uid` and `metadata.creationTimestamp` filled in.
 *
 * @param context the time of the request
 */
export function prepareForCreate(resource: ResourceFact, object: KubeObject, context: RequestContext): void {
  const rules = rulesOf(resource);
  prepareMetaForCreate(object);
  if (!rules.keepsStatusOnCreate) {
    const status = emptyStatus(resource);
    if (status !== undefined) object['status'] = status;
  }
  if (rules.generation) object.metadata.generation = 1;
  dropDisabledTemplateFields(object);
  rules.prepareForCreate?.(object, context);
}

/** Makes an update of the main resource ready, in place: the status stays, the generation counts. */
export function prepareForUpdate(
  resource: ResourceFact,
  object: KubeObject,
  old: KubeObject,
  context: RequestContext,
): void {
  const rules = rulesOf(resource);
  prepareMetaForUpdate(object, old);
  if (resource.subresources.has('status')) carryOver(object, old, 'status');
  dropDisabledTemplateFields(object, old);
  rules.update?.prepare?.(object, old, context);
  if (rules.generation && !sameDesired(resource.type, object, old)) {
    if (object.metadata.generation === old.metadata.generation) bumpGeneration(object, old);
  }
}

/** Makes an update through the status subresource ready: all but metadata and status stays. */
export function prepareForStatusUpdate(
  resource: ResourceFact,
  object: KubeObject,
  old: KubeObject,
  context: RequestContext,
): void {
  prepareForSubresourceUpdate(resource, 'status', object, old, context);
}

/** Makes an update through a subresource that takes the whole object ready (status, resize, approval, ...). */
export function prepareForSubresourceUpdate(
  resource: ResourceFact,
  subresource: string,
  object: KubeObject,
  old: KubeObject,
  context: RequestContext,
): void {
  const rules = rulesOf(resource).subresources?.[subresource];
  prepareMetaForUpdate(object, old);
  if (subresource === 'status') keepAllButStatus(object, old);
  rules?.prepare?.(object, old, context);
}

function keepAllButStatus(object: KubeObject, old: KubeObject): void {
  for (const member of new Set([...Object.keys(object), ...Object.keys(old)])) {
    if (notDesired.has(member)) continue;
    carryOver(object, old, member);
  }
}

const notDesired = new Set(['apiVersion', 'kind', 'metadata', 'status']);

/** Whether two objects want the same: equal in all but metadata and status. */
function sameDesired(type: TypeFact, object: KubeObject, old: KubeObject): boolean {
  return goEqualBut(object, old, type, notDesired);
}

function metaRules(resource: ResourceFact, rules: KindRules) {
  return {
    namespaced: resource.namespaced,
    name: rules.name ?? dnsSubdomainName,
    standardFinalizers: rules.standardFinalizers ?? true,
  };
}

function requestOf(object: KubeObject, request: ValidationRequest | undefined): ValidationRequest {
  return request ?? { apiVersion: object.apiVersion };
}

function checkAsNew(
  errs: Errors,
  resource: ResourceFact,
  object: KubeObject,
  request: ValidationRequest,
  old?: KubeObject,
): void {
  const rules = rulesOf(resource);
  if (!rules.checksMeta) validateObjectMeta(errs, object.metadata, metaRules(resource, rules));
  rules.validate?.(errs, object, request, old);
}

/**
 * All that is wrong with a new object, in upstream's order; empty when it may be stored.
 *
 * @param request what the request's path says, where the object is in another version than that
 */
export function validateCreate(
  resource: ResourceFact,
  object: KubeObject,
  request?: ValidationRequest,
): FieldError[] {
  const errs: Errors = [];
  checkAsNew(errs, resource, object, requestOf(object, request));
  if (errs.length === 0 && rulesOf(resource).metaLast) {
    const { namespaced } = resource;
    validateObjectMeta(errs, object.metadata, {
      namespaced,
      name: pathSegmentName,
      standardFinalizers: false,
    });
  }
  return errs;
}

/** All that is wrong with an update of the main resource. */
export function validateUpdate(
  resource: ResourceFact,
  object: KubeObject,
  old: KubeObject,
  request?: ValidationRequest,
): FieldError[] {
  const errs: Errors = [];
  const rules = rulesOf(resource);
  const { update } = rules;
  const asked = requestOf(object, request);
  validateUpdatedMeta(errs, object.metadata, old.metadata, resource);
  if (update?.asNew) checkAsNew(errs, resource, object, asked, old);
  if (update?.metaAsNew) validateObjectMeta(errs, object.metadata, metaRules(resource, rules));
  validateMetaAgain(errs, object, old, rules, update);
  if (update?.metaAsNewToo) validateMetaAsNew(errs, resource, object, rules);
  if (update?.validate) update.validate(errs, object, old, asked);
  else if (!update?.asNew && !update?.thenAsNew) rules.validate?.(errs, object, asked, old);
  if (update?.thenAsNew) {
    validateMetaAsNew(errs, resource, object, rules);
    rules.validate?.(errs, object, asked, old);
  }
  return errs;
}

/** ValidateObjectMeta of an update that the check of updates has seen. */
function validateMetaAsNew(errs: Errors, resource: ResourceFact, object: KubeObject, rules: KindRules): void {
  // what has passed there passes here, but for the finalizers
  if (errs.length > 0) validateObjectMeta(errs, object.metadata, metaRules(resource, rules));
  else validateFinalizers(errs, object.metadata.finalizers, rules.standardFinalizers ?? true);
}

/** All that is wrong with an update of the status. */
export function validateStatusUpdate(
  resource: ResourceFact,
  object: KubeObject,
  old: KubeObject,
): FieldError[] {
  return validateSubresourceUpdate(resource, 'status', object, old);
}

/** All that is wrong with an update through a subresource that takes the whole object. */
export function validateSubresourceUpdate(
  resource: ResourceFact,
  subresource: string,
  object: KubeObject,
  old: KubeObject,
): FieldError[] {
  const errs: Errors = [];
  const rules = rulesOf(resource);
  const update = rules.subresources?.[subresource];
  validateUpdatedMeta(errs, object.metadata, old.metadata, resource);
  if (update?.metaAsNew) validateObjectMeta(errs, object.metadata, metaRules(resource, rules));
  validateMetaAgain(errs, object, old, rules, update);
  if (update?.metaAsNewToo) validateMetaAsNew(errs, resource, object, rules);
  update?.validate?.(errs, object, old, requestOf(object, undefined));
  return errs;
}

/**
 * Upstream checks the metadata of an update before the kind's strategy and again within it; both show in the
 * causes. Kinds that check it themselves are left to do so.
 */
function validateMetaAgain(
  errs: Errors,
  object: KubeObject,
  old: KubeObject,
  rules: KindRules,
  update: UpdateRules | undefined,
): void {
  if (rules.checksMeta || update?.metaOnce || update?.metaAsNew) return;
  // what has passed once passes again
  if (errs.length > 0) validateObjectMetaUpdate(errs, object.metadata, old.metadata);
  if (rules.standardFinalizers ?? true) validateFinalizersOnUpdate(errs, object.metadata);
}
