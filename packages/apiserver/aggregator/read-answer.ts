import type { IncomingMessage } from 'node:http';

/** An answer read to its end. */
export interface WholeAnswer {
  readonly code: number;
  readonly contentType: string;
  readonly etag: string;
  readonly text: string;
}

/** Documents of servers behind this one that are larger are refused: upstream's own OpenAPI has 4 MB. */
const maxBytes = 64 * 1024 * 1024;

/** Reads the whole answer. @throws the signal's reason when it aborts before */
export async function readAnswer(answer: IncomingMessage, signal: AbortSignal): Promise<WholeAnswer> {
  const onAbort = (): void => void answer.destroy(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  return {
    code: answer.statusCode ?? 0,
    contentType: answer.headers['content-type'] ?? '',
    etag: answer.headers.etag ?? '',
    text: Buffer.concat(chunks).toString('utf8'),
  };
}
