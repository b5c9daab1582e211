import {
  type FieldSet,
  groupResourceString,
  type KubeObject,
  resetFields,
  type TypeFact,
  trackUpdate,
  type WriteContext,
} from '@coxswain/machinery';
import { type ApiRequest, type RegistryContext, timeOf } from './context.ts';
import { managerOf } from './options.ts';

/** Notes in managedFields who set what in a new object. Changes the object. */
export function trackCreate(context: RegistryContext, request: ApiRequest, object: KubeObject): void {
  trackWrite(context, request, undefined, object);
}

/** Notes in managedFields what a write changed. Changes the object's metadata. */
export function trackWrite(
  context: RegistryContext,
  request: ApiRequest,
  live: KubeObject | undefined,
  object: KubeObject,
): void {
  trackOf(context, request, live, object, request.resource.stored.fact.type);
}

/** The same for an object of another type than the resource's: what a subresource takes. */
export function trackOf(
  context: RegistryContext,
  request: ApiRequest,
  live: KubeObject | undefined,
  object: KubeObject,
  type: TypeFact,
): void {
  const tracked = trackUpdate({
    ...writeContext(context, request, type, object.apiVersion),
    live,
    updated: object,
  });
  const { managedFields } = tracked.metadata;
  if (managedFields === undefined) delete object.metadata.managedFields;
  else object.metadata.managedFields = managedFields;
}

/** Who writes what of which type, and when. */
export function writeContext(
  context: RegistryContext,
  request: ApiRequest,
  type: TypeFact,
  apiVersion: string,
): WriteContext {
  return {
    type,
    manager: managerOf(request),
    apiVersion,
    subresource: request.subresource,
    time: timeOf(context),
    ignoredFields: ignoredFields(request),
  };
}

function ignoredFields(request: ApiRequest): FieldSet {
  const { fact, groupResource } = request.resource;
  return resetFields(
    groupResourceString(groupResource),
    request.subresource,
    fact.subresources.has('status'),
  );
}
