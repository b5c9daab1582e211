import { newStatusError, type Status, StatusError } from '@coxswain/machinery';
import { isStoreTimeout } from '@coxswain/store';
import { mediaTypes } from './forms/negotiate.ts';
import { requestTimedOut } from './request-timeout.ts';

const all = Object.values(mediaTypes);

/** No route, or a resource that is not served. */
export const routeNotFound = (): StatusError =>
  newStatusError({
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  });

/** The route exists for other methods. */
export const methodNotAllowed = (): StatusError =>
  newStatusError({
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  });

/** The router's refusal: no media type of the Accept header is one that the route produces. */
export const unknownMediaType = (produced: readonly string[] = all): StatusError =>
  newStatusError({
    code: 406,
    reason: 'NotAcceptable',
    message: `406: Not Acceptable\n\nAvailable representations: ${produced.join(', ')}`,
    details: {},
  });

/** The endpoint's refusal: the media type is known, not in the form asked for. */
export const formNotAcceptable = (accepted: readonly string[] = all): StatusError =>
  newStatusError({
    code: 406,
    reason: 'NotAcceptable',
    message: `only the following media types are accepted: ${accepted.join(', ')}`,
  });

/** The router's refusal of a patch's Content-Type. */
export const unsupportedPatchType = (): StatusError =>
  newStatusError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: '415: Unsupported Media Type',
    details: {},
  });

/** The path of a request cannot be read: Go's server says so before anybody else sees the request. */
export class MalformedUrl extends Error {
  override readonly name = 'MalformedUrl';
  readonly code = 'ERR_MALFORMED_URL';
}

/** The path of a request does not say what it is about. Answered with 500 in plain text, as upstream does. */
export class RequestInfoError extends Error {
  override readonly name = 'RequestInfoError';
  readonly code = 'ERR_REQUEST_INFO';

  constructor(why: string) {
    super(`failed to create RequestInfo: ${why}`);
  }
}

/** The Status of anything that was thrown. */
export function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return error.status;
  if (isStoreTimeout(error)) return requestTimedOut().status;
  const message = error instanceof Error ? error.message : String(error);
  return newStatusError({ code: 500, reason: '', message }).status;
}
