import type { Clock } from '@coxswain/machinery';
import type { Auditor } from '../audit/auditor.ts';
import type { RequestAudit } from '../audit/request-audit.ts';
import { sourceIPs } from '../audit/source-ips.ts';
import type { AuditTrail } from '../audit/trail.ts';
import { auditIdHeader, auditIdOf, type Request, type Response } from './reply.ts';
import type { RequestInfo } from './request-info.ts';

/** Subresources whose answer goes on as long as somebody wants it to. */
const longRunning: ReadonlySet<string> = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

/** The audits of the requests over HTTP that are under way. */
export class RequestAudits {
  readonly #auditor: Auditor;
  readonly #clock: Clock;
  readonly #running = new WeakMap<Request, RequestAudit>();

  constructor(auditor: Auditor, clock: Clock) {
    this.#auditor = auditor;
    this.#clock = clock;
  }

  /** For what is measured of audited requests; milliseconds of a clock that only goes forward. */
  now(): number {
    return this.#clock.monotonic();
  }

  /** A request has just come. */
  begin(request: Request): RequestAudit {
    const { headers } = request;
    // The answer, and whoever the request is handed on to, are to bear the same one.
    const auditID = auditIdOf(request);
    headers[auditIdHeader] = auditID;
    const audit = this.#auditor.begin({
      auditID,
      requestURI: request.url ?? '/',
      sourceIPs: sourceIPs(headers, request.socket?.remoteAddress),
      userAgent: headers['user-agent'] ?? '',
    });
    this.#running.set(request, audit);
    return audit;
  }

  /** The audit of a request that has begun. */
  of(request: Request): RequestAudit | undefined {
    return this.#running.get(request);
  }

  /** Tells when the head of a long answer goes out. To be called before the request is served. */
  watchHead(request: Request, response: Response, info: RequestInfo): void {
    const audit = this.of(request);
    if (audit === undefined || !isLongRunning(info)) return;
    const head = response as { writeHead(code: number, ...rest: unknown[]): unknown };
    const writeHead = head.writeHead.bind(response);
    head.writeHead = (code, ...rest) => {
      audit.responseStarted(code);
      return writeHead(code, ...rest);
    };
  }

  /**
   * An answer was handed over, perhaps with more of it to come.
   * @param began when it began to be made
   * @param made when it was, or as much as was to be sent at once
   */
  wrote(audit: AuditTrail, response: Response, began: number, made: number): void {
    const end = (): void => {
      const now = this.now();
      audit.spent('serialize-response-object', now - began);
      audit.spent('response-write', now - made);
    };
    if (response.writableEnded) end();
    else response.once('finish', end);
  }

  /** The answer was given, or is on its way. */
  served(request: Request, response: Response): void {
    const audit = this.of(request);
    if (audit === undefined) return;
    const end = (): void => audit.ended(response.headersSent ? response.statusCode : 0);
    if (response.writableEnded) end();
    else response.once('close', end);
  }
}

function isLongRunning({ resourceRequest, verb, subresource }: RequestInfo): boolean {
  return resourceRequest && (verb === 'watch' || longRunning.has(subresource));
}
