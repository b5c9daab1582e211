import { goQuote, newForbidden, newStatusError, type StatusError } from '@coxswain/machinery';
import type { Attributes } from '../contract.ts';

/** What a refused request wanted, as the 403 text says it. */
function wanted(a: Attributes): string {
  const who = `User ${goQuote(a.user.name)}`;
  if (!a.resourceRequest) return `${who} cannot ${a.verb} path ${goQuote(a.path)}`;
  const resource = a.subresource === '' ? a.resource : `${a.resource}/${a.subresource}`;
  const what = `${who} cannot ${a.verb} resource ${goQuote(resource)} in API group ${goQuote(a.group)}`;
  return a.namespace === ''
    ? `${what} at the cluster scope`
    : `${what} in the namespace ${goQuote(a.namespace)}`;
}

/** The 403 for a request that no authorizer allowed. */
export function forbiddenError(attributes: Attributes, reason: string): StatusError {
  const text = reason === '' ? wanted(attributes) : `${wanted(attributes)}: ${reason}`;
  if (!attributes.resourceRequest) {
    return newStatusError({ code: 403, reason: 'Forbidden', message: `forbidden: ${text}`, details: {} });
  }
  const { group, resource, name } = attributes;
  return newForbidden({ group, resource }, name, text);
}
