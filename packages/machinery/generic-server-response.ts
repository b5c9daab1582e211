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
  406: ['NotAcceptable', 'the server was unable to respond with a content type that the client supports'],
  409: ['Conflict', 'the server reported a conflict'],
  415: ['UnsupportedMediaType', 'the body of the request was in an unknown format'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  500: ['InternalError', 'an error on the server has prevented the request from succeeding'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
};

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
  const [reason, generic] = reasons[code] ?? [
    '',
    `the server responded with the status code ${code} but did not return more information`,
  ];
  const quoted = `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`;
  const message = code === 500 ? quoted : code === 403 && text !== '' ? text : generic;
  const verb = method.toLowerCase();
  const target = `${resource}${group === '' ? '' : `.${group}`}${name === '' ? '' : ` ${name}`}`;
  return newStatusError({
    code,
    reason: code === 403 ? 'Forbidden' : reason,
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
