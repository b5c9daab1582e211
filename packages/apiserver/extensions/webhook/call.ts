import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Credentials } from '@coxswain/client';
import { type Clock, newGenericServerResponse } from '@coxswain/machinery';
import { goFault } from '../../http/go-fault.ts';
import type { Endpoint } from './client-config.ts';

/** More than any answer of a webhook holds: the largest object and a patch of it. */
const maxAnswerBytes = 7 * 1024 * 1024;

/** A webhook answered with a fault instead of a review. */
export class WebhookAnswerError extends Error {
  override readonly name = 'WebhookAnswerError';
  readonly code = 'WEBHOOK_ANSWERED_FAULT';
  /** HTTP's. */
  readonly status: number;

  constructor(status: number, told: string) {
    super(`failed to call webhook: ${told}`);
    this.status = status;
  }
}

/**
 * POSTs a review to a webhook and gives what it answers.
 * @param as whom it is called; nobody unless told
 * @throws Error in Go's words
 */
export function callWebhook(
  endpoint: Endpoint,
  review: unknown,
  timeoutMs: number,
  clock: Clock,
  as: Credentials = {},
): Promise<unknown> {
  const { url, address, ca } = endpoint;
  const target = new URL(url);
  target.searchParams.set('timeout', `${Math.round(timeoutMs / 1000)}s`);
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  const body = Buffer.from(JSON.stringify(review));
  const host = address?.host ?? hostname;
  const port = address?.port ?? (url.port === '' ? 443 : Number(url.port));
  const failed = (cause: string): Error => new Error(`failed to call webhook: Post "${target}": ${cause}`);
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(
      {
        host,
        port,
        ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
        path: `${target.pathname}${target.search}`,
        method: 'POST',
        headers: {
          host: target.host,
          'content-type': 'application/json',
          accept: 'application/json, */*',
          'content-length': body.length,
          'user-agent': 'kube-apiserver-admission',
          ...(as.authorization === undefined ? {} : { authorization: as.authorization }),
        },
        ...(as.cert === undefined ? {} : { cert: Buffer.from(as.cert), key: Buffer.from(as.key ?? '') }),
        ...(ca === '' ? {} : { ca }),
        agent: false,
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > maxAnswerBytes) answer.destroy(new Error('the answer is too large'));
          else chunks.push(chunk);
        });
        answer.on('error', (error) => done(failed(error.message)));
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const status = answer.statusCode ?? 0;
          if (status < 200 || status > 299) {
            done(new WebhookAnswerError(status, refusalText(status, text, answer.headers['content-type'])));
            return;
          }
          try {
            const value: unknown = JSON.parse(text);
            timer.cancel();
            resolve(value);
          } catch {
            done(
              new Error(
                `failed to call webhook: couldn't get version/kind; json parse error: ${text.slice(0, 64)}`,
              ),
            );
          }
        });
      },
    );
    const done = (error: Error): void => {
      timer.cancel();
      sent.destroy();
      reject(error);
    };
    const timer = clock.after(timeoutMs, () => done(failed('context deadline exceeded')));
    sent.on('error', (error) => done(failed(goFault(error, host, port))));
    sent.end(body);
  });
}

/** What a client says of an answer that is none: texts in the server's words, other bodies without them. */
function refusalText(code: number, body: string, contentType = ''): string {
  const isText = contentType === '' || contentType.startsWith('text/');
  const request = { method: 'POST', group: '', resource: '', name: '' };
  return newGenericServerResponse(code, isText ? body : 'unknown', request).message;
}
