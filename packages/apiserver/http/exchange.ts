import type { ParsedQuery } from './query.ts';
import type { Request, Response } from './reply.ts';
import type { RequestFlow } from './request-flow.ts';
import type { RequestInfo } from './request-info.ts';

/** A request as the layers hand it on. */
export interface Asked {
  readonly info: RequestInfo;
  readonly query: ParsedQuery;
  readonly request: Request;
  /** Undefined where the connection is to be upgraded. */
  readonly response: Response | undefined;
  /** Its place among others; undefined where requests are not limited. */
  readonly flow: RequestFlow | undefined;
}

/** A request that is answered. */
export interface Exchange extends Asked {
  readonly response: Response;
  /** When it came; monotonic milliseconds. */
  readonly began: number;
  flow: RequestFlow | undefined;
}
