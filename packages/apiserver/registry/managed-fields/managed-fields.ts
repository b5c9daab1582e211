import { ConvertError, convert, typeOfKind } from '@coxswain/api';
import {
  type FieldSet,
  groupResourceString,
  type KubeObject,
  parseApiVersion,
  resetFields,
  type ToVersion,
  type TrackUpdateRequest,
  type TypeFact,
  trackUpdate,
  trackUpdateInSteps,
  type WriteContext,
} from '@coxswain/machinery';
import type { Entry } from '../../storage/entry.ts';
import { type ApiRequest, type RegistryContext, timeOf } from '../context.ts';
import { takeSteps } from '../large-objects.ts';
import { managerOf } from '../options/options.ts';

/** Notes in managedFields who set what in a new object. Changes the object. */
export function trackCreate(
  context: RegistryContext,
  request: ApiRequest,
  object: KubeObject,
): void | Promise<void> {
  return trackWrite(context, request, undefined, object);
}

/**
 * Notes in managedFields what a write changed. Changes the object's metadata.
 * @param current what `live` was read from
 */
export function trackWrite(
  context: RegistryContext,
  request: ApiRequest,
  live: KubeObject | undefined,
  object: KubeObject,
  current?: Entry,
): void | Promise<void> {
  const tracked = takeSteps(
    trackUpdateInSteps(trackRequest(context, request, live, object)),
    request,
    current,
  );
  if (tracked instanceof Promise) return tracked.then((made) => takeManagers(made, object));
  takeManagers(tracked, object);
}

/** The fields are those of the version that the client wrote. */
function trackRequest(
  context: RegistryContext,
  request: ApiRequest,
  live: KubeObject | undefined,
  object: KubeObject,
): TrackUpdateRequest {
  const { resource } = request;
  const { type } = resource.fact;
  if (resource.direct || resource.custom !== undefined) {
    return { ...writeContext(context, request, type, object.apiVersion, live), live, updated: object };
  }
  const shown = (stored: KubeObject): KubeObject => convert(stored, resource.apiVersion);
  return {
    ...writeContext(context, request, type, resource.apiVersion, live),
    live: live === undefined ? undefined : shown(live),
    updated: shown(object),
  };
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
    ...writeContext(context, request, type, object.apiVersion, live),
    live,
    updated: object,
  });
  takeManagers(tracked, object);
}

function takeManagers(tracked: KubeObject, object: KubeObject): void {
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
  live: KubeObject | undefined,
): WriteContext {
  const convertible = request.resource.custom === undefined && isWrittenInOthers(live, apiVersion);
  return {
    type,
    manager: managerOf(request),
    apiVersion,
    subresource: request.subresource,
    time: timeOf(context),
    ignoredFields: ignoredFields(request),
    ...(convertible ? { toVersion } : {}),
  };
}

/** Whether some manager of an object wrote it in another version. */
function isWrittenInOthers(object: KubeObject | undefined, apiVersion: string): boolean {
  return object?.metadata.managedFields?.some((entry) => entry.apiVersion !== apiVersion) === true;
}

/** Managers of a version that is no longer served are given up. */
const toVersion: ToVersion = (object, apiVersion) => {
  try {
    return {
      object: convert(object, apiVersion),
      type: typeOfKind({ ...parseApiVersion(apiVersion), kind: object.kind }),
    };
  } catch (error) {
    if (error instanceof ConvertError) return undefined;
    throw error;
  }
};

function ignoredFields(request: ApiRequest): FieldSet {
  const { custom, fact, groupResource } = request.resource;
  return resetFields(groupResourceString(groupResource), request.subresource, {
    hasStatus: fact.subresources.has('status'),
    isCustom: custom !== undefined,
  });
}
