import {
  type GroupVersionKind,
  newGenericServerResponse,
  newInternalError,
  type Status,
  StatusError,
} from '@coxswain/machinery';
import type { WebhookAnswer } from './exchange.ts';
import { mediaTypeFault } from './media-type.ts';
import type { ReviewScheme } from './review-scheme.ts';

/** As much of an answer that is none is told. */
const maxToldBytes = 2048;

/**
 * Reads an answer as client-go does: the review that was wanted, or why there is none.
 * @throws StatusError for an answer that says that it failed; Error in Go's words for one that is no review
 */
export function reviewOf(
  answer: WebhookAnswer,
  wanted: GroupVersionKind,
  scheme: ReviewScheme,
): Record<string, any> {
  const { status, body } = answer;
  const contentType = answer.contentType || 'application/json';
  const fault = mediaTypeFault(contentType);
  if (fault !== undefined) throw newInternalError(fault);
  if (status < 200 || status > 206) throw failureOf(answer, scheme);
  if (body.length === 0) {
    throw new Error(`0-length response with status code: ${status} and content type: ${contentType}`);
  }
  return scheme.decode(body, wanted);
}

/** The error of an answer that is a failure: its own words where it is a Status. */
function failureOf(answer: WebhookAnswer, scheme: ReviewScheme): StatusError {
  return toldFailure(answer.body, scheme) ?? genericFailure(answer);
}

function toldFailure(body: Buffer, scheme: ReviewScheme): StatusError | undefined {
  if (body.length === 0) return undefined;
  let status: Record<string, any>;
  try {
    status = scheme.decodeStatus(body);
  } catch {
    // Whatever it is, it is no Status.
    return undefined;
  }
  return status['status'] === 'Failure' ? new StatusError(status as Status) : undefined;
}

function genericFailure({ status, body, contentType, retryAfter }: WebhookAnswer): StatusError {
  const isText = contentType === '' || contentType.trimStart().toLowerCase().startsWith('text/');
  const told = isText ? body.subarray(0, maxToldBytes).toString('utf8') : 'unknown';
  const request = { method: 'POST', group: '', resource: '', name: '' };
  return newGenericServerResponse(status, told, request, {
    unexpected: true,
    retryAfterSeconds: Number(retryAfter) || 0,
  });
}
