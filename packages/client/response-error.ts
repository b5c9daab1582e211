import { type FailedRequest, newGenericServerResponse, type Status, StatusError } from '@coxswain/machinery';

/** The error of an answer with a code of 400 or more: its Status, or one made as client-go makes it. */
export function errorOfResponse(
  code: number,
  body: string,
  request: FailedRequest,
  retryAfterSeconds: number,
): StatusError {
  const status = parseStatus(body);
  if (status !== undefined) return new StatusError(status);
  return newGenericServerResponse(code, body, request, { unexpected: true, retryAfterSeconds });
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
