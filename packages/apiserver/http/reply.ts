import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { gzip } from 'node:zlib';
import type { Rendered } from './render.ts';

export type Request = IncomingMessage | Http2ServerRequest;
export type Response = ServerResponse | Http2ServerResponse;

/** Upstream compresses answers above this size. */
const compressAbove = 128 * 1024;
/** Chunk of a long answer: bounds what waits in the socket. */
const chunkSize = 512 * 1024;

/** Sends a whole body; warnings become Warning headers. */
export function reply(
  request: Request,
  response: Response,
  status: number,
  rendered: Rendered,
  warnings: readonly string[] = [],
): void {
  const { pieces } = rendered;
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const headers: Record<string, string | string[] | number> = {
    'content-type': rendered.contentType,
  };
  if (!response.hasHeader('cache-control')) headers['cache-control'] = 'no-cache, private';
  if (warnings.length > 0) headers['warning'] = warnings.map(warningHeader);
  if (length > compressAbove && acceptsGzip(request)) {
    compressed(response, status, headers, pieces);
    return;
  }
  headers['content-length'] = length;
  writeHead(response, status, headers);
  if (request.method === 'HEAD') response.end();
  else if (length <= chunkSize)
    (response as ServerResponse).end(
      pieces.length === 1 ? pieces[0] : Buffer.concat(pieces as Uint8Array[], length),
    );
  else sendChunks(response, pieces);
}

/** Both protocols take the same arguments; their types do not say so together. */
export function writeHead(
  response: Response,
  status: number,
  headers: Record<string, string | string[] | number>,
): void {
  (response as ServerResponse).writeHead(status, headers);
}

function compressed(
  response: Response,
  status: number,
  headers: Record<string, string | string[] | number>,
  pieces: readonly Uint8Array[],
): void {
  gzip(Buffer.concat(pieces as Uint8Array[]), { level: 1 }, (error, bytes) => {
    if (error !== null) {
      response.destroy(error);
      return;
    }
    headers['content-encoding'] = 'gzip';
    headers['vary'] = 'Accept-Encoding';
    headers['content-length'] = bytes.length;
    writeHead(response, status, headers);
    response.end(bytes);
  });
}

/** Writes piece by piece in large chunks and waits whenever the socket is full. */
function sendChunks(response: Response, pieces: readonly Uint8Array[]): void {
  const sink = response as ServerResponse;
  let at = 0;
  const next = (): void => {
    while (at < pieces.length) {
      const chunk: Uint8Array[] = [];
      let size = 0;
      while (at < pieces.length && size < chunkSize) {
        const piece = pieces[at++] as Uint8Array;
        chunk.push(piece);
        size += piece.length;
      }
      if (!sink.write(Buffer.concat(chunk, size)) && at < pieces.length) {
        sink.once('drain', next);
        return;
      }
    }
    sink.end();
  };
  next();
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
