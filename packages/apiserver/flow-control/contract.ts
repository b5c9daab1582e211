import type { UserInfo } from '../access/contract.ts';
import type { RequestInfo } from '../http/request-info.ts';
import type { RequestQuery } from '../registry/context.ts';

/** A request that may run; to be released exactly once, when it is done. */
export interface Ticket {
  /** Headers that tell how it was classified: name and value by turns. */
  readonly headers: readonly (readonly [string, string])[];
  /** @param now monotonic milliseconds */
  release(now: number): void;
}

/** Keeps the server from doing more at once than it can. */
export interface RequestLimiter {
  /**
   * Lets a request run, at once where there is room. Must not be asked for long-running requests other than watches.
   * @param gone called with what is to be called when the client leaves before it may run
   * @throws {TooManyRequests} as a rejection too
   */
  admit(
    user: UserInfo,
    info: RequestInfo,
    query: RequestQuery,
    now: number,
    gone: (cancel: () => void) => void,
  ): Ticket | Promise<Ticket>;
}

/** The request finds no place; answered in plain text, as upstream does. */
export class TooManyRequests extends Error {
  override readonly name = 'TooManyRequests';
  readonly code = 'TOO_MANY_REQUESTS';
  /** Seconds. */
  readonly retryAfter: number;
  readonly headers: Ticket['headers'];

  constructor(retryAfter: number, headers: Ticket['headers']) {
    super('Too many requests, please try again later.');
    this.retryAfter = retryAfter;
    this.headers = headers;
  }
}

/** Requests that only read; the rest may change something. */
export function isReadOnly(verb: string): boolean {
  return verb === 'get' || verb === 'list' || verb === 'watch';
}
