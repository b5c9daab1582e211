import type { ListenOptions } from './server.ts';

/** The server cannot listen where it is told to. */
class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** Tells why listening failed. */
export function listenError(error: NodeJS.ErrnoException, { host, port }: ListenOptions): ListenError {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program listens there',
    EACCES: 'that needs more rights',
    EADDRNOTAVAIL: 'this machine does not have the address',
  };
  const { code = 'UNKNOWN', message } = error;
  return new ListenError(code, `cannot listen on ${host}:${port}: ${reasons[code] ?? message}`, error);
}
