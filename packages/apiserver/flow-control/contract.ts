import type { UserInfo } from '../access/contract.ts';
import type { RequestInfo } from '../http/request-info.ts';
import type { RequestQuery } from '../registry/context.ts';

/** How a request was classified, as its answer tells; shared by all requests of the same schema. */
export interface Classification {
  readonly levelUid: string;
  readonly schemaUid: string;
}

/** A request that may run; to be released exactly once, when it is done. */
export interface Ticket {
  /** Absent without priority and fairness. */
  readonly classification: Classification | undefined;
  /** @param now monotonic milliseconds */
  release(now: number): void;
}

/** A request that has to wait. */
export interface WaitingTicket {
  /** Rejects with `TooManyRequests`. */
  readonly ticket: Promise<Ticket>;
  /** The client left. */
  cancel(): void;
}

/** Keeps the server from doing more at once than it can. */
export interface RequestLimiter {
  /**
   * Lets a request run, at once where there is room. Must not be asked for long-running requests other than watches.
   * @param waitLimitMs how long it may wait for that
   * @throws {TooManyRequests}
   */
  admit(
    user: UserInfo,
    info: RequestInfo,
    query: RequestQuery,
    waitLimitMs: number,
    now: number,
  ): Ticket | WaitingTicket;

  /** A watch runs; what is given is to be called when it ends. Absent where nobody wants to know. */
  watchBegins?(info: RequestInfo, query: RequestQuery): () => void;
}

/** The request finds no place; answered in plain text, as upstream does. */
export class TooManyRequests extends Error {
  override readonly name = 'TooManyRequests';
  readonly code = 'TOO_MANY_REQUESTS';
  /** Seconds. */
  readonly retryAfter: number;
  readonly classification: Classification | undefined;

  constructor(retryAfter: number, classification: Classification | undefined) {
    super('Too many requests, please try again later.');
    this.retryAfter = retryAfter;
    this.classification = classification;
  }
}

/** Requests that only read; the rest may change something. */
export function isReadOnly(verb: string): boolean {
  return verb === 'get' || verb === 'list' || verb === 'watch';
}
