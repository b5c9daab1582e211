import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { recycle } from '../storage/slice-writer.ts';
import type { Rendered } from './render.ts';
import { sendCompressed, sendSlices } from './send-slices.ts';

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

/** Upstream compresses answers above this size. */
const compressAbove = 128 * 1024;

/** Sends a whole body; warnings become Warning headers. */
export function reply(
  request: Request,
  response: Response,
  status: number,
  rendered: Rendered,
  warnings: readonly string[] = [],
): void {
  const headers: Record<string, string | string[] | number> = {
    'content-type': rendered.contentType,
  };
  if (!response.hasHeader('cache-control')) headers['cache-control'] = 'no-cache, private';
  if (warnings.length > 0) headers['warning'] = warnings.map(warningHeader);
  if (
    'gzip' in rendered &&
    rendered.gzip !== undefined &&
    (rendered.length ?? 0) > compressAbove &&
    acceptsGzip(request)
  ) {
    sayCompressed(headers);
    writeHead(response, status, headers);
    if (request.method === 'HEAD') response.end();
    else inBackground(response, sendSlices(response as ServerResponse, rendered.gzip()));
    return;
  }
  const { whole, slices } = begin(rendered);
  const large = slices !== undefined || whole.length > compressAbove;
  if (large && acceptsGzip(request)) {
    sayCompressed(headers);
    writeHead(response, status, headers);
    if (request.method === 'HEAD') response.end();
    else inBackground(response, sendCompressed(response as ServerResponse, slices ?? [whole]));
    return;
  }
  if (slices === undefined) headers['content-length'] = whole.length;
  else if ('length' in rendered && rendered.length !== undefined) headers['content-length'] = rendered.length;
  writeHead(response, status, headers);
  if (request.method === 'HEAD') response.end();
  else if ('pieces' in rendered) (response as ServerResponse).end(whole);
  else if (slices === undefined) sendOnly(response as ServerResponse, whole);
  else inBackground(response, sendSlices(response as ServerResponse, slices));
}

function sayCompressed(headers: Record<string, string | string[] | number>): void {
  headers['content-encoding'] = 'gzip';
  headers['vary'] = 'Accept-Encoding';
}

/** The body in one where it is short, else its slices with those that are made already. */
function begin(rendered: Rendered): { whole: Uint8Array; slices?: Iterable<Uint8Array> } {
  if ('pieces' in rendered) {
    const { pieces } = rendered;
    return { whole: pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces as Uint8Array[]) };
  }
  const slices = rendered.slices[Symbol.iterator]();
  const first = slices.next();
  const second = slices.next();
  if (second.done) return { whole: first.value ?? Buffer.alloc(0) };
  return { whole: first.value, slices: following(first.value, second.value, slices) };
}

function* following(
  first: Uint8Array,
  second: Uint8Array,
  rest: Iterator<Uint8Array>,
): Generator<Uint8Array> {
  yield first;
  yield second;
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
}

/** Sends the only slice there is. */
function sendOnly(response: ServerResponse, slice: Uint8Array): void {
  response.write(slice, () => recycle(slice));
  response.end();
}

/** The head is out: all that is left to say of a fault is that the body ends early. */
function inBackground(response: Response, sending: Promise<void>): void {
  sending.catch((error: unknown) => response.destroy(error as Error));
}

/** Both protocols take the same arguments; their types do not say so together. */
export function writeHead(
  response: Response,
  status: number,
  headers: Record<string, string | string[] | number>,
): void {
  (response as ServerResponse).writeHead(status, headers);
}

function acceptsGzip(request: Request): boolean {
  const header = request.headers['accept-encoding'];
  return typeof header === 'string' && header.includes('gzip');
}

/** RFC 7234 warning 299, as upstream's net.NewWarningHeader writes it. */
function warningHeader(text: string): string {
  return `299 - "${text.replace(/[\\"]/g, '\\$&').replace(/[\r\n\t]+/g, ' ')}"`;
}

/** Sends plain text, as the health checks do. */
export function replyText(response: Response, status: number, text: string): void {
  writeHead(response, status, {
    'cache-control': 'no-cache, private',
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
