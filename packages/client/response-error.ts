import { newStatusError, type Status, StatusError } from '@coxswain/machinery';

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

/** The error of an answer with a code of 400 or more: its Status, or one made as client-go makes it. */
export function errorOfResponse(
  code: number,
  body: string,
  request: FailedRequest,
  retryAfterSeconds: number,
): StatusError {
  const status = parseStatus(body);
  if (status !== undefined) return new StatusError(status);
  const { method, group, resource, name } = request;
  const verb = method.toLowerCase();
  const text = body.trim();
  const [reason, generic] = reasons[code] ?? [
    '',
    `the server responded with the status code ${code} but did not return more information`,
  ];
  const quoted = `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`;
  const message = code === 500 ? quoted : code === 403 && text !== '' ? text : generic;
  const target = `${resource}${group === '' ? '' : `.${group}`}${name === '' ? '' : ` ${name}`}`;
  return newStatusError({
    code,
    reason: code === 403 ? 'Forbidden' : reason,
    message: resource === '' ? message : `${message} (${verb} ${target})`,
    details: {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      ...(resource === '' ? {} : { kind: resource }),
      ...(text === '' ? {} : { causes: [{ reason: 'UnexpectedServerResponse', message: text }] }),
      ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
    },
  });
}

function parseStatus(body: string): Status | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    const parsed = JSON.parse(body);
    return parsed?.kind === 'Status' && parsed.status !== 'Success' ? parsed : undefined;
  } catch {
    // Not JSON after all: the caller makes a Status of the code and the text.
    return undefined;
  }
}

/** The server was not reached, or the connection broke before the answer was whole. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** `REFUSED`: nothing was sent. `TIMEOUT`: no whole answer in time. `BROKEN`: anything else. */
  readonly code: 'REFUSED' | 'TIMEOUT' | 'BROKEN';

  constructor(code: ConnectionError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Wraps an error of Node's with the request that failed. */
export function connectionError(method: string, url: string, cause: unknown): ConnectionError {
  if (cause instanceof ConnectionError) return cause;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  const why = cause instanceof Error ? cause.message || code : String(cause);
  return new ConnectionError(code === 'ECONNREFUSED' ? 'REFUSED' : 'BROKEN', `${method} ${url}: ${why}`, {
    cause,
  });
}
