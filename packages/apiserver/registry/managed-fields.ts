import type { KubeObject } from '@coxswain/machinery';
import { trackUpdate } from './collaborators.ts';
import { type ApiRequest, managedTime, type RegistryContext } from './context.ts';
import { managerOf } from './options.ts';
import { ignoredFieldsOf } from './reset-fields.ts';

/** Notes in managedFields who set what in a new object. Changes the object. */
export function trackCreate(context: RegistryContext, request: ApiRequest, object: KubeObject): void {
  trackWrite(context, request, undefined, object);
}

/** Notes in managedFields what a write changed. Changes the object. */
export function trackWrite(
  context: RegistryContext,
  request: ApiRequest,
  live: KubeObject | undefined,
  object: KubeObject,
): void {
  const { stored, fact } = request.resource;
  const tracked = trackUpdate({
    live,
    updated: object,
    type: stored.fact.type,
    manager: managerOf(request),
    apiVersion: object.apiVersion,
    subresource: request.subresource,
    time: managedTime(context),
    ignoredFields: ignoredFieldsOf(fact, request.subresource),
  }) as KubeObject;
  if (tracked.metadata.managedFields === undefined) delete object.metadata.managedFields;
  else object.metadata.managedFields = tracked.metadata.managedFields;
}
