import { newNotFound, newStatusError, type StatusError } from '@coxswain/machinery';
import { applyPatchType, jsonPatchType, mergePatchType } from '../registry/patch/patch-types.ts';
import type { ResourceRegistry, ServedResource } from '../registry/resource-registry.ts';
import type { RequestInfo } from './request-info.ts';
import { routeNotFound } from './status-errors.ts';

const patchTypes = [jsonPatchType, mergePatchType, applyPatchType].join(', ');

/** A subresource that the definition does not declare; upstream takes it for an object that is not there. */
export function customSubresourceNotFound(resource: ServedResource, info: RequestInfo): StatusError {
  return newNotFound(resource.groupResource, info.name);
}

/** A patch of a type that needs a Go type. */
export function unsupportedCustomPatch(): StatusError {
  return newStatusError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: `the body of the request was in an unknown format - accepted media types include: ${patchTypes}`,
  });
}

/** No part of the server has such a path: the answer is Go's own, in plain text. */
export class PageNotFound extends Error {
  override readonly name = 'PageNotFound';
  readonly code = 'ERR_PAGE_NOT_FOUND';

  constructor() {
    super('404 page not found\n');
  }
}

/** Why a path below a group leads nowhere: groups that are built in say so in a Status, all others do not. */
export function noSuchRoute(resources: ResourceRegistry, group: string): Error {
  for (const { custom, fact } of resources.all()) {
    if (custom === undefined && fact.group === group) return routeNotFound();
  }
  return new PageNotFound();
}
