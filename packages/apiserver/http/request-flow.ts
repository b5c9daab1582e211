import type { Clock, Timer } from '@coxswain/machinery';
import type { UserInfo } from '../access/contract.ts';
import { isReadOnly, type RequestLimiter, type Ticket } from '../flow-control/contract.ts';
import { cutOff } from './cut-off.ts';
import { Deadlined, DeadlineList } from './deadline-list.ts';
import type { InFlight } from './in-flight.ts';
import type { ParsedQuery } from './query.ts';
import { type Response, sentBytes } from './reply.ts';
import type { RequestInfo } from './request-info.ts';
import { longestWriteMs, timeoutOf } from './request-timeout.ts';

export interface FlowLimits {
  readonly clock: Clock;
  /** Absent: any number of requests at once. */
  readonly limiter: RequestLimiter | undefined;
  readonly inFlight: InFlight;
  /** `--request-timeout`. */
  readonly timeoutMs: number;
}

/** Answers up to this size are forgotten when they are made; of larger ones their clients have to take their part in time. */
const unwatchedBytes = 64 * 1024;

/** Subresources whose answer goes on as long as somebody wants it to. */
const lasting: ReadonlySet<string> = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

/** Requests that may take as long as they like. */
export function isLongRunning({ resourceRequest, verb, subresource, path }: RequestInfo): boolean {
  if (!resourceRequest) return path.startsWith('/debug/pprof/');
  return verb === 'watch' || verb === 'proxy' || lasting.has(subresource);
}

/** The place of requests among others, and their time. */
export class RequestFlows {
  readonly #limits: FlowLimits;
  readonly #requests: DeadlineList;
  readonly #writes: DeadlineList;

  constructor(limits: FlowLimits) {
    this.#limits = limits;
    this.#requests = new DeadlineList(limits.clock, limits.timeoutMs);
    this.#writes = new DeadlineList(limits.clock, Math.min(longestWriteMs, limits.timeoutMs));
  }

  /**
   * A request has come.
   * @param timedOut answers it when it takes too long
   * @throws {StatusError} 400 for a bad `timeout`
   */
  begin(
    info: RequestInfo,
    query: ParsedQuery,
    response: Response,
    now: number,
    timedOut: () => void,
  ): RequestFlow {
    const flow = new RequestFlow(this.#limits, info, query, response, timedOut);
    if (flow.lasting) return flow;
    const { timeout } = query.values;
    const { timeoutMs } = this.#limits;
    const own = timeout === undefined ? timeoutMs : timeoutOf(timeout, timeoutMs);
    if (own < timeoutMs) flow.endIn(own);
    else this.#requests.add(flow, now);
    return flow;
  }

  /** The body of a write is there. */
  writes(flow: RequestFlow): void {
    if (flow.list !== undefined) this.#writes.add(flow, this.#limits.clock.monotonic());
  }
}

/** One request on its way. */
export class RequestFlow extends Deadlined {
  /** Takes as long as it likes. */
  readonly lasting: boolean;
  readonly #limits: FlowLimits;
  readonly #info: RequestInfo;
  readonly #query: ParsedQuery;
  readonly #response: Response;
  readonly #timedOut: () => void;
  #ticket: Ticket | undefined;
  #timer: Timer | undefined;

  constructor(
    limits: FlowLimits,
    info: RequestInfo,
    query: ParsedQuery,
    response: Response,
    timedOut: () => void,
  ) {
    super();
    this.#limits = limits;
    this.#info = info;
    this.#query = query;
    this.#response = response;
    this.#timedOut = timedOut;
    this.lasting = isLongRunning(info);
  }

  /** Lets the request run, at once where there is room. @throws {TooManyRequests} as a rejection too */
  admit(user: UserInfo): void | Promise<void> {
    const { limiter, clock, inFlight } = this.#limits;
    const info = this.#info;
    if (limiter === undefined || this.#ticket !== undefined || (this.lasting && info.verb !== 'watch'))
      return;
    const response = this.#response;
    let cancel: (() => void) | undefined;
    const now = clock.monotonic();
    const ticket = limiter.admit(user, info, this.#query.values, now, (fn) => {
      cancel = fn;
      response.once('close', fn);
    });
    if (!(ticket instanceof Promise)) {
      this.#runs(ticket, now);
      return;
    }
    const readOnly = isReadOnly(info.verb);
    inFlight.waiting(readOnly, 1, now);
    return ticket
      .finally(() => {
        inFlight.waiting(readOnly, -1, clock.monotonic());
        if (cancel !== undefined) response.off('close', cancel);
      })
      .then((admitted) => this.#runs(admitted, clock.monotonic()));
  }

  /** Sets the headers that tell how a request was classified. */
  #runs(ticket: Ticket, now: number): void {
    this.#ticket = ticket;
    this.#limits.inFlight.running(isReadOnly(this.#info.verb), 1, now);
    if (this.#response.headersSent) return;
    for (const [name, value] of ticket.headers) this.#response.setHeader(name, value);
  }

  endIn(ms: number): void {
    this.#timer = this.#limits.clock.after(ms, () => this.expire());
  }

  expire(): void {
    const response = this.#response;
    if (!response.headersSent) this.#timedOut();
    // Nobody reads what is being sent: all that can be said of it is that it ends.
    else if (!response.writableFinished) cutOff(response);
  }

  /**
   * The request was served: its place is free as soon as nothing is made for it any more.
   * @param now monotonic milliseconds
   */
  served(now: number): void {
    const response = this.#response;
    const made = response.writableEnded || response.destroyed;
    if (made) this.release(now);
    if (made && (sentBytes(response) ?? 0) <= unwatchedBytes) {
      this.#over();
      return;
    }
    response.once('close', () => {
      this.#over();
      this.release(this.#limits.clock.monotonic());
    });
  }

  #over(): void {
    this.list?.remove(this);
    this.#timer?.cancel();
  }

  /** Gives the place back; later calls do nothing. */
  release(now: number): void {
    const ticket = this.#ticket;
    if (ticket === undefined) return;
    this.#ticket = undefined;
    ticket.release(now);
    this.#limits.inFlight.running(isReadOnly(this.#info.verb), -1, now);
  }
}
