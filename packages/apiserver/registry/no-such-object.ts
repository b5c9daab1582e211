import { goQuote, newBadRequest, newNotFound, type StatusError } from '@coxswain/machinery';
import type { ApiRequest } from './context.ts';

/**
 * The error for a request whose object is not there. Where its name can be none, since it could not stand in a
 * path, upstream says so in place of looking for it.
 */
export function noSuchObject({ resource, name }: Pick<ApiRequest, 'resource' | 'name'>): StatusError {
  const faults = pathSegmentFaults(name);
  return faults.length === 0
    ? newNotFound(resource.groupResource, name)
    : newBadRequest(`Name parameter invalid: ${goQuote(name)}: ${faults.join(';')}`);
}

function pathSegmentFaults(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((text) => name.includes(text)).map((text) => `may not contain '${text}'`);
}
