import { type Request, type Response, writeHead } from '../reply.ts';
import { warningHeaders } from '../warning-headers.ts';
import { FrameWriter } from './frame-writer.ts';

/** Where the frames of a watch go. */
export interface WatchOutput {
  /** Begins the answer. */
  head(contentType: string, warnings: readonly string[]): void;
  /** Sends what the watch begins with, before any other frame; resolves when that is on its way. */
  begin(slices: Iterable<Buffer>): Promise<void>;
  send(frame: Buffer): void;
  /** Ends the answer after what was sent. */
  end(): void;
  /** Breaks off. */
  abort(): void;
  /** The client has left, or does not keep up. */
  onGone(fn: () => void): void;
}

/** Frames as the body of an HTTP answer. */
export class HttpWatchOutput implements WatchOutput {
  readonly #response: Response;
  readonly #chunked: boolean;
  readonly #writer: FrameWriter;
  #gone: () => void = () => {};

  constructor(request: Request, response: Response) {
    this.#response = response;
    this.#chunked = request.httpVersionMajor === 1;
    this.#writer = new FrameWriter(response, this.#chunked, () => this.#gone());
  }

  head(contentType: string, warnings: readonly string[]): void {
    writeHead(this.#response, 200, {
      'cache-control': 'no-cache, private',
      'content-type': contentType,
      ...(warnings.length > 0 ? { warning: warningHeaders(warnings) } : {}),
      ...(this.#chunked ? { 'transfer-encoding': 'chunked' } : {}),
    });
    (this.#response as { flushHeaders?(): void }).flushHeaders?.();
  }

  begin(slices: Iterable<Buffer>): Promise<void> {
    return this.#writer.begin(slices);
  }

  send(frame: Buffer): void {
    this.#writer.send(frame);
  }

  end(): void {
    this.#writer.flush();
    this.#response.end();
  }

  abort(): void {
    this.#response.destroy();
  }

  onGone(fn: () => void): void {
    this.#gone = fn;
    this.#response.on('close', fn);
  }
}
