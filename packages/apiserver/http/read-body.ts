import type { IncomingMessage } from 'node:http';
import { constants, type Http2ServerRequest } from 'node:http2';
import { gunzipSync } from 'node:zlib';
import {
  newBadRequest,
  newStatusError,
  newUnsupportedMediaType,
  type StatusError,
} from '@coxswain/machinery';
import type { Request, Response } from './reply.ts';

/** Upstream's limit on request bodies: 3 MiB. */
const bodyLimit = 3 * 1024 * 1024;
/** Of a body that is too large, so much more is taken, so that its client gets to read the answer. */
const dropLimit = 64 * 1024 * 1024;

/** Reads a whole body; rejects with upstream's 413 when it is too large. */
export function readBody(request: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let refused = false;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bodyLimit) {
        chunks.push(chunk);
        return;
      }
      if (!refused) reject(tooLarge());
      refused = true;
      chunks.length = 0;
      if (size > dropLimit) hangUp(request);
    });
    request.on('end', () => {
      if (refused) return;
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
      const encoding = request.headers['content-encoding'];
      if (encoding === undefined || encoding === 'identity' || encoding === '') resolve(body);
      else if (encoding === 'gzip') inflate(body, resolve, reject);
      else reject(newUnsupportedMediaType(`unsupported content encoding ${JSON.stringify(encoding)}`));
    });
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('the client went away')));
  });
}

function inflate(body: Buffer, resolve: (body: Buffer) => void, reject: (error: Error) => void): void {
  try {
    resolve(gunzipSync(body, { maxOutputLength: bodyLimit }));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    reject(code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : newBadRequest(`gzip: ${message}`));
  }
}

/** Once the answer is out, takes no more of a body that is still on its way. */
export function dropBody(request: Request, response: Response): void {
  if (request.complete) return;
  if (response.writableFinished) hangUp(request);
  else response.once('finish', () => hangUp(request));
}

/** An HTTP/1.1 connection cannot go on in the middle of a body; of HTTP/2 only the stream ends. */
function hangUp(request: Request): void {
  if (request.httpVersionMajor === 1) (request as IncomingMessage).socket.destroySoon();
  else (request as Http2ServerRequest).stream.close(constants.NGHTTP2_NO_ERROR);
}

function tooLarge(): StatusError {
  return newStatusError({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: limit is ${bodyLimit}`,
  });
}
