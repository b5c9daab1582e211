import type { TLSSocket } from 'node:tls';
import { goJson, type Logger, type Status } from '@coxswain/machinery';
import { AuditError, type RequestAudit } from '../audit/request-audit.ts';
import { TooManyRequests } from '../flow-control/contract.ts';
import { PageNotFound } from './custom-requests.ts';
import { cutOff } from './cut-off.ts';
import { type Negotiated, negotiate, noTransform } from './forms/negotiate.ts';
import { encoded, humanForm, prettyJson } from './forms/pretty-print.ts';
import { renderObject } from './forms/render.ts';
import type { Metrics } from './metrics/metrics.ts';
import {
  auditIdOf,
  type Request,
  type Response,
  reply,
  replyPlain,
  replyText,
  tellClassification,
} from './reply.ts';
import { AuthorizationError, internalErrorText, isDenial } from './request-access.ts';
import type { RequestAudits } from './request-audits.ts';
import type { RequestInfo } from './request-info.ts';
import { requestTimedOut, timeIsOver } from './request-timeout.ts';
import { MalformedUrl, RequestInfoError, statusOf } from './status-errors.ts';

/** Who is told of faults beside the client. */
export interface FaultListeners {
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Absent: nothing is audited. */
  readonly audits: RequestAudits | undefined;
}

/** A request that came to nothing. */
export interface FailedRequest {
  readonly request: Request;
  readonly response: Response;
  readonly warnings: readonly string[];
  /** Absent where the path could not be read. */
  readonly info: RequestInfo | undefined;
}

/** Answers a request that failed: most with a Status in the form asked for, some in plain text, as upstream does. */
export function answerFault(listeners: FaultListeners, failed: FailedRequest, error: unknown): void {
  const { metrics, logger, audits } = listeners;
  const { request, response, warnings, info } = failed;
  if (error instanceof PageNotFound) {
    replyText(response, 404, error.message);
    return;
  }
  if (error instanceof MalformedUrl) {
    replyText(response, 400, '400 Bad Request');
    return;
  }
  if (error instanceof TooManyRequests) {
    if (info !== undefined) metrics.terminated(info, 429);
    tellClassification(response, error.classification);
    response.setHeader('Retry-After', String(error.retryAfter));
    replyText(response, 429, `${error.message}\n`);
    return;
  }
  if (
    error instanceof AuthorizationError ||
    error instanceof AuditError ||
    error instanceof RequestInfoError
  ) {
    if (error instanceof AuthorizationError) {
      logger.error('authorizing a request failed', { error: error.message });
    }
    replyText(response, 500, internalErrorText(request.url ?? '', error));
    return;
  }
  const status = statusOf(error);
  const audit = audits?.of(request);
  const form = formOfFault(request);
  // What is in no form that was asked for is told to the client alone.
  if (form !== undefined) {
    audit?.responseStatus(status);
    audit?.responseObject(() => JSON.stringify(status));
  }
  if ((error as Error | undefined)?.name !== 'StatusError') {
    audit?.panicked(error);
    logger.error('request failed', {
      path: info?.path ?? request.url,
      error: error instanceof Error ? error.stack : String(error),
    });
  }
  if (response.headersSent) {
    if (!response.writableEnded) cutOff(response);
    return;
  }
  const retry = status.details?.retryAfterSeconds;
  if (retry !== undefined && retry > 0) response.setHeader('Retry-After', String(retry));
  if (isDenial(error)) response.setHeader('X-Content-Type-Options', 'nosniff');
  const began = audits?.now() ?? 0;
  const rendered = renderObject(status, form ?? prettyJson);
  const made = audits?.now() ?? 0;
  reply(request, response, status.code, rendered, warnings);
  if (audit !== undefined) audits?.wrote(audit, response, began, made);
}

/** Answers a request whose time is over, whatever is made for it still, which is what its audit event tells of. */
export function answerTimeIsOver(audit: RequestAudit | undefined, response: Response): void {
  const { kind: _, apiVersion: __, ...told } = timeIsOver().status;
  const { status } = requestTimedOut();
  audit?.responseStatus(status);
  audit?.responseObject(() => JSON.stringify(status));
  audit?.settle();
  replyPlain(response, 504, `${goJson(told)}\n`);
}

/** Whatever an endpoint may have been asked for, a fault is told as an object; undefined where that is not to be had. */
function formOfFault(request: Request): Negotiated | undefined {
  const form = negotiate(request.headers.accept, noTransform);
  return typeof form === 'string' ? undefined : humanForm(form, request, prettyOf(request.url ?? ''));
}

function prettyOf(url: string): string | undefined {
  return /[?&]pretty=([^&]*)/.exec(url)?.[1];
}

/** Answers an upgrade that cannot be had with the Status in plain HTTP/1.1. */
export function refuseUpgrade(request: Request, socket: TLSSocket, status: Status): void {
  const body = encoded(status);
  socket.end(
    `HTTP/1.1 ${status.code} ${status.reason ?? 'Error'}\r\nContent-Type: application/json\r\n` +
      `Audit-Id: ${auditIdOf(request)}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
