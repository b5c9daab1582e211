import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { HttpTransport } from '@coxswain/client';

/** Headers of one connection, not of the message. */
const hopByHop = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Passes requests on to the API server with the transport's credentials, and its answers back as they come. */
export function requestForwarder(
  transport: HttpTransport,
): (path: string, request: IncomingMessage, response: ServerResponse) => void {
  return (path, request, response) => {
    forward(transport, path, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else answerText(response, 500, error instanceof Error ? error.message : String(error));
    });
  };
}

async function forward(
  transport: HttpTransport,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('the client has gone')));
  const body = await buffer(request);
  const { 'content-length': _, ...headers } = endToEnd(request.headers);
  const answer = await transport.forward({
    method: request.method ?? 'GET',
    path,
    headers: headers as Record<string, string | string[]>,
    ...(body.length === 0 ? {} : { body }),
    signal: gone.signal,
  });
  response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
  // A watch is silent for long: its head must not wait for the first event.
  response.flushHeaders();
  await pipeline(answer, response);
}

/** The headers that are of the message itself. */
export function endToEnd(headers: IncomingMessage['headers']): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name)));
}

/** Answers as Go's `http.Error` does. */
export function answerText(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  response.end(`${text}\n`);
}
