import { gunzipSync } from 'node:zlib';
import { newStatusError, newUnsupportedMediaType, type StatusError } from '@coxswain/machinery';
import type { Request } from './reply.ts';

/** Upstream's limit on request bodies: 3 MiB. */
const bodyLimit = 3 * 1024 * 1024;

/** Reads a whole body; rejects with upstream's 413 when it is too large. */
export function readBody(request: Request): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyLimit) {
        reject(tooLarge());
        request.removeAllListeners('data');
        request.resume();
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () => {
      const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
      const encoding = request.headers['content-encoding'];
      if (encoding === undefined || encoding === 'identity' || encoding === '') resolve(body);
      else if (encoding === 'gzip') resolve(gunzipSync(body, { maxOutputLength: bodyLimit }));
      else reject(newUnsupportedMediaType(`unsupported content encoding ${JSON.stringify(encoding)}`));
    });
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('the client went away')));
  });
}

function tooLarge(): StatusError {
  return newStatusError({
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: `Request entity too large: limit is ${bodyLimit}`,
    details: {},
  });
}
