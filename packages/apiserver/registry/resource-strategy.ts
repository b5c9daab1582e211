import {
  type ExpressionFaults,
  prepareForCreate as prepareBuiltInForCreate,
  prepareForSubresourceUpdate as prepareBuiltInForSubresource,
  prepareForUpdate as prepareBuiltInForUpdate,
  type ValidationRequest,
  validateCreate as validateBuiltInCreate,
  validateSubresourceUpdate as validateBuiltInSubresource,
  validateUpdate as validateBuiltInUpdate,
  warningsOnCreate,
  warningsOnSubresource,
  warningsOnUpdate,
} from '@coxswain/api';
import {
  apiVersionOf,
  type FieldError,
  type KubeObject,
  newInvalid,
  parseApiVersion,
} from '@coxswain/machinery';
import type { ApiRequest, RegistryContext } from './context.ts';
import { finalizerWarnings } from './finalizer-warnings.ts';
import type { ResourceHooks } from './hooks.ts';
import type { ServedResource } from './resource-registry.ts';

/** Makes a new object ready to be stored, in place. @param now the time of the request */
export function prepareForCreate(resource: ServedResource, object: KubeObject, now: string): void {
  if (resource.custom !== undefined) resource.custom.prepareForCreate(object);
  else prepareBuiltInForCreate(resource.stored.fact, object, { now });
}

/** Makes an update of the object itself ready, in place. */
export function prepareForUpdate(
  resource: ServedResource,
  object: KubeObject,
  old: KubeObject,
  now: string,
): void {
  if (resource.custom !== undefined) resource.custom.prepareForUpdate(object, old);
  else prepareBuiltInForUpdate(resource.stored.fact, object, old, { now });
}

/** Makes an update through a subresource that takes the whole object ready, in place. */
export function prepareForSubresourceUpdate(
  resource: ServedResource,
  subresource: string,
  object: KubeObject,
  old: KubeObject,
  now: string,
): void {
  if (resource.custom !== undefined) resource.custom.prepareForStatusUpdate(object, old);
  else prepareBuiltInForSubresource(resource.stored.fact, subresource, object, old, { now });
}

/** Throws upstream's 422 when a new object is not valid. Gives what its writer is warned of. */
export function validateCreate(
  resource: ServedResource,
  object: KubeObject,
  hooks: ResourceHooks,
): readonly string[] {
  const { custom, fact, stored } = resource;
  if (custom !== undefined) {
    refuse(resource, object, custom.validateCreate(object));
    return finalizerWarnings(object, undefined);
  }
  const errors = validateBuiltInCreate(
    stored.fact,
    object,
    asked(apiVersionOf(fact), hooks.expressionFaults?.(object)),
  );
  refuse(resource, object, [...errors, ...(hooks.validate?.(object) ?? [])]);
  return withMore(warningsOnCreate(stored.fact, object), hooks.warnings?.(object));
}

/**
 * The same of an update of the object itself.
 * @param warn gets what its writer is warned of even when it is refused
 */
export function validateUpdate(
  resource: ServedResource,
  object: KubeObject,
  old: KubeObject,
  hooks: ResourceHooks,
  warn: (text: string) => void,
): readonly string[] {
  const { custom, fact, stored } = resource;
  if (custom !== undefined) {
    refuse(resource, object, custom.validateUpdate(object, old, warn));
    return finalizerWarnings(object, old);
  }
  const errors = validateBuiltInUpdate(
    stored.fact,
    object,
    old,
    asked(apiVersionOf(fact), hooks.expressionFaults?.(object, old)),
  );
  refuse(resource, object, [...errors, ...(hooks.validate?.(object, old) ?? [])]);
  return withMore(warningsOnUpdate(stored.fact, object, old), hooks.warnings?.(object, old));
}

/** The same of an update through a subresource. */
export function validateSubresourceUpdate(
  resource: ServedResource,
  subresource: string,
  object: KubeObject,
  old: KubeObject,
  warn: (text: string) => void,
): void {
  const { custom, stored } = resource;
  const errors =
    custom === undefined
      ? validateBuiltInSubresource(stored.fact, subresource, object, old)
      : custom.validateStatusUpdate(object, old, warn);
  refuse(resource, object, errors);
  const warnings =
    custom === undefined
      ? warningsOnSubresource(stored.fact, subresource, object)
      : finalizerWarnings(object, old);
  for (const text of warnings) warn(text);
}

/** Throws upstream's 422 when somebody may not write a valid object as it is; nothing where everybody may. */
export function permit(
  context: RegistryContext,
  request: ApiRequest,
  object: KubeObject,
  old?: KubeObject,
): Promise<void> | undefined {
  const faults = context.specials
    .hooksOf(request.resource.groupResource)
    .permit?.(context, request, object, old);
  return faults?.then((found) => refuse(request.resource, object, found));
}

function asked(apiVersion: string, expressionFaults: ExpressionFaults | undefined): ValidationRequest {
  return expressionFaults === undefined ? { apiVersion } : { apiVersion, expressionFaults };
}

function withMore(warnings: readonly string[], more: readonly string[] | undefined): readonly string[] {
  return more === undefined || more.length === 0 ? warnings : [...warnings, ...more];
}

function refuse(resource: ServedResource, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length === 0) return;
  // A custom object may be of a wrong kind, which is then the one named.
  const { group, kind } =
    resource.custom === undefined
      ? resource.stored.fact
      : { ...parseApiVersion(object.apiVersion ?? ''), kind: object.kind };
  throw newInvalid({ group, kind }, object.metadata.name ?? '', errors);
}
