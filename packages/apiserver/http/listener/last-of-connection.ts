import type { Http2ServerRequest } from 'node:http2';
import { type Request, type Response, replyText } from '../reply.ts';

/** Health and metrics are told to the last, and so is what the server asks itself. */
const alwaysServed = /^\/(readyz|livez|healthz|metrics)/;

/** During a shutdown no connection goes on. Gives true when the request was refused. */
export function lastOfConnection(request: Request, response: Response, refusing: boolean): boolean {
  const url = request.url ?? '/';
  const own = (request.headers['user-agent'] ?? '').startsWith('kube-apiserver/');
  const refuse = refusing && !own && !alwaysServed.test(url);
  if (request.httpVersionMajor === 1) response.setHeader('Connection', 'close');
  else if (refuse) (request as Http2ServerRequest).stream.session?.close();
  if (!refuse) return false;
  response.setHeader('Retry-After', '5');
  replyText(response, 429, 'The apiserver is shutting down, please try again later.\n');
  return true;
}
