import type { Credentials } from '@coxswain/client';
import { apiVersionOf, type Clock, type GroupVersionKind } from '@coxswain/machinery';
import { reviewOf } from './answer.ts';
import type { Endpoint } from './client-config.ts';
import { exchange } from './exchange.ts';
import type { ReviewScheme } from './review-scheme.ts';

/** One question to a webhook. */
export interface WebhookCall {
  readonly endpoint: Endpoint;
  /** As whom it is called. */
  readonly as?: Credentials | undefined;
  /** Of the review that is sent, and wanted. */
  readonly kind: GroupVersionKind;
  readonly scheme: ReviewScheme;
  /** The other members of the review, in JSON as Go writes it: `"request":{...}`. */
  readonly members: string;
  /** Milliseconds; the webhook is told the seconds of it. */
  readonly timeoutMs: number;
}

/**
 * POSTs a review to a webhook and gives the one that it answers.
 * @throws StatusError for an answer that says that it failed; Error in Go's words for one that is no review, or none
 */
export async function callWebhook(call: WebhookCall, clock: Clock): Promise<Record<string, any>> {
  const { endpoint, kind, scheme, members, timeoutMs, as = {} } = call;
  const url = new URL(endpoint.url);
  url.searchParams.set('timeout', `${Math.ceil(timeoutMs / 1000)}s`);
  const text = `{"kind":"${kind.kind}","apiVersion":"${apiVersionOf(kind)}",${members}}\n`;
  const answer = await exchange({ endpoint, url, body: Buffer.from(text), as }, timeoutMs, clock);
  return reviewOf(answer, kind, scheme);
}
