import type { Clock, Timer } from '@coxswain/machinery';
import type { UserInfo, WebhookTimes } from '../access/contract.ts';
import {
  isReadOnly,
  type RequestLimiter,
  type Ticket,
  type WaitingTicket,
} from '../flow-control/contract.ts';
import { cutOff } from './cut-off.ts';
import { Deadlined, DeadlineList } from './deadline-list.ts';
import type { Exchange } from './exchange.ts';
import type { InFlight } from './in-flight.ts';
import type { ParsedQuery } from './query.ts';
import { type Request, type Response, sentBytes, tellClassification } from './reply.ts';
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

/** A request waits no longer than this part of the time it has in all, and never longer than that. */
const waitPart = 4;
const longestWaitMs = 60_000;

/** Subresources whose answer goes on as long as somebody wants it to. */
const lasting: ReadonlySet<string> = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

/** Requests that may take as long as they like. */
export function isLongRunning({ resourceRequest, verb, subresource, path }: RequestInfo): boolean {
  if (!resourceRequest) return path.startsWith('/debug/pprof/');
  return verb === 'watch' || verb === 'proxy' || lasting.has(subresource);
}

/** Answers a request whose time is over. */
export type TimedOut = (flow: RequestFlow) => void;

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

  /** A request has come. @throws {StatusError} 400 for a bad `timeout` */
  begin(exchange: Exchange, timedOut: TimedOut): RequestFlow {
    const flow = new RequestFlow(this.#limits, exchange, timedOut);
    if (flow.lasting) return flow;
    const { timeout } = exchange.query.values;
    const { timeoutMs } = this.#limits;
    const own = timeout === undefined ? timeoutMs : timeoutOf(timeout, timeoutMs);
    flow.waitLimitMs = Math.min(own / waitPart, longestWaitMs);
    if (own < timeoutMs) flow.endIn(own);
    else this.#requests.add(flow, exchange.began);
    return flow;
  }

  /** The body of a write is there. */
  writes(flow: RequestFlow): void {
    if (flow.list === undefined) return;
    this.#writes.add(flow, this.#limits.clock.monotonic());
    flow.isWriting = this.#limits.timeoutMs > longestWriteMs;
  }
}

/** One request on its way. */
export class RequestFlow extends Deadlined implements WebhookTimes {
  /** Takes as long as it likes. */
  readonly lasting: boolean;
  /** There is somebody who serves it. */
  routed = false;
  /** It is over when the time for writes is, before that for requests. */
  isWriting = false;
  /** How long it may wait for its turn. */
  waitLimitMs: number;
  /** When it came; monotonic milliseconds. */
  readonly began: number;
  readonly info: RequestInfo;
  readonly request: Request;
  readonly response: Response;
  readonly #limits: FlowLimits;
  readonly #query: ParsedQuery;
  readonly #timedOut: TimedOut;
  #ticket: Ticket | undefined;
  #timer: Timer | undefined;
  /** When it came, or was waited for the last time. */
  #now: number;
  #queuedMs = 0;
  #mutatingMs = 0;
  #validatingMs = 0;

  constructor(limits: FlowLimits, { info, query, request, response, began }: Exchange, timedOut: TimedOut) {
    super();
    this.lasting = isLongRunning(info);
    this.info = info;
    this.request = request;
    this.response = response;
    this.#limits = limits;
    this.#query = query;
    this.#timedOut = timedOut;
    this.began = began;
    this.#now = began;
    this.waitLimitMs = Math.min(limits.timeoutMs / waitPart, longestWaitMs);
  }

  /** Somebody else was asked who makes the request: time has passed. */
  waited(): void {
    this.#now = this.#limits.clock.monotonic();
  }

  /** Mutating webhooks are asked one after the other, the others all at once. */
  waitedForWebhook(kind: 'mutating' | 'validating', ms: number): void {
    if (kind === 'mutating') this.#mutatingMs += ms;
    else this.#validatingMs = Math.max(this.#validatingMs, ms);
  }

  /** How long it waited for somebody else, or for its turn. */
  get waitedMs(): number {
    return this.#queuedMs + this.#mutatingMs + this.#validatingMs;
  }

  /** Whether it may have to stand in a queue, by priority and fairness. */
  get fair(): boolean {
    return this.#limits.limiter?.watchBegins !== undefined;
  }

  /** How long it stood in a queue before it ran. */
  get queuedMs(): number {
    return this.#queuedMs;
  }

  /** Lets the request run, at once where there is room. @throws {TooManyRequests} as a rejection too */
  admit(user: UserInfo): void | Promise<void> {
    const { limiter } = this.#limits;
    const { info } = this;
    if (limiter === undefined || this.#ticket !== undefined || (this.lasting && info.verb !== 'watch'))
      return;
    const ticket = limiter.admit(user, info, this.#query.values, this.waitLimitMs, this.#now);
    if ('ticket' in ticket) return this.#wait(ticket);
    this.#runs(ticket, this.#now);
  }

  async #wait({ ticket, cancel }: WaitingTicket): Promise<void> {
    const { clock, inFlight } = this.#limits;
    const readOnly = isReadOnly(this.info.verb);
    const { response } = this;
    response.once('close', cancel);
    inFlight.waiting(readOnly, 1, this.#now);
    let admitted: Ticket;
    try {
      admitted = await ticket;
    } finally {
      inFlight.waiting(readOnly, -1, clock.monotonic());
      response.off('close', cancel);
    }
    const now = clock.monotonic();
    this.#queuedMs = now - this.#now;
    this.#runs(admitted, now);
  }

  #runs(ticket: Ticket, now: number): void {
    this.#ticket = ticket;
    this.#limits.inFlight.running(isReadOnly(this.info.verb), 1, now);
    tellClassification(this.response, ticket.classification);
    if (this.info.verb !== 'watch') return;
    const ended = this.#limits.limiter?.watchBegins?.(this.info, this.#query.values);
    if (ended !== undefined) this.response.once('close', ended);
  }

  endIn(ms: number): void {
    this.#timer = this.#limits.clock.after(ms, () => this.expire());
  }

  expire(): void {
    const { response } = this;
    if (!response.headersSent) this.#timedOut(this);
    // Nobody reads what is being sent: all that can be said of it is that it ends.
    else if (!response.writableFinished) cutOff(response);
  }

  /**
   * The request was served: its place is free as soon as nothing is made for it any more.
   * @param now monotonic milliseconds
   */
  served(now: number): void {
    const { response } = this;
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
    this.#limits.inFlight.running(isReadOnly(this.info.verb), -1, now);
  }
}
