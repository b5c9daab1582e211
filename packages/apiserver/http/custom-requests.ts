import { newNotFound, newStatusError, type StatusError } from '@coxswain/machinery';
import type { ResourceRegistry, ServedResource } from '../registry/resource-registry.ts';
import { type Negotiated, negotiate } from './negotiate.ts';
import type { RequestInfo } from './request-info.ts';
import { routeNotFound } from './status-errors.ts';

const available = 'application/json, application/yaml';
const patchTypes = 'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';

/**
 * What a client gets of a resource without Go type: upstream has no protobuf of it, only of what is made from
 * it, such as PartialObjectMetadata.
 */
export function negotiateCustom(accept: string | undefined, negotiated: Negotiated): Negotiated {
  if (negotiated.format !== 'protobuf' || negotiated.as !== '') return negotiated;
  const others = (accept ?? '').split(',').filter((part) => !part.includes('protobuf'));
  const found = others.length === 0 ? 'media-type' : negotiate(others.join(','), () => false);
  if (typeof found !== 'string') return found;
  throw newStatusError({
    code: 406,
    reason: 'NotAcceptable',
    message: `only the following media types are accepted: ${available}`,
  });
}

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

/** Why a resource path leads nowhere: groups that are built in say so in a Status, all others do not. */
export function noSuchRoute(resources: ResourceRegistry, info: RequestInfo): Error {
  for (const { custom, fact } of resources.all()) {
    if (custom === undefined && fact.group === info.group) return routeNotFound();
  }
  return new PageNotFound();
}
