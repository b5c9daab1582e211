import { goQuote } from './field-error.ts';
import { newStatusError, type StatusError } from './status-error.ts';

/** Names the request that failed, for answers that carry no Status. */
export interface FailedRequest {
  readonly method: string;
  readonly group: string;
  readonly resource: string;
  readonly name: string;
}

const reasons: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
};

const unacceptable = 'the server was unable to respond with a content type that the client supports';

export interface GenericResponseOptions {
  /** The answer was not the server's own words: they become a cause. */
  readonly unexpected?: boolean;
  readonly retryAfterSeconds?: number;
}

/** The error of an answer that carries no Status, as client-go words it. */
export function newGenericServerResponse(
  code: number,
  body: string,
  { method, group, resource, name }: FailedRequest,
  { unexpected = false, retryAfterSeconds = 0 }: GenericResponseOptions = {},
): StatusError {
  const text = body.trim();
  const [reason, message] = meaningOf(code, text, method);
  const verb = method.toLowerCase();
  const target = `${resource}${group === '' ? '' : `.${group}`}${name === '' ? '' : ` ${name}`}`;
  return newStatusError({
    code,
    reason,
    message: resource === '' ? message : `${message} (${verb} ${target})`,
    details: {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      ...(resource === '' ? {} : { kind: resource }),
      ...(text === '' || !unexpected
        ? {}
        : { causes: [{ reason: 'UnexpectedServerResponse', message: text }] }),
      ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
    },
  });
}

/** Some codes bear the server's own words, which tell more. */
function meaningOf(code: number, text: string, method: string): readonly [reason: string, message: string] {
  switch (code) {
    case 409:
      return [method === 'POST' ? 'AlreadyExists' : 'Conflict', 'the server reported a conflict'];
    case 403:
      return ['Forbidden', text];
    case 406:
      return ['NotAcceptable', text === '' || text === 'unknown' ? unacceptable : text];
    case 415:
      return ['UnsupportedMediaType', text];
  }
  const known = reasons[code];
  if (known !== undefined) return known;
  return code >= 500
    ? ['InternalError', `an error on the server (${goQuote(text)}) has prevented the request from succeeding`]
    : ['', `the server responded with the status code ${code} but did not return more information`];
}
