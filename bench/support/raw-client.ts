import { connect, type TLSSocket } from 'node:tls';
import { AnswerReader } from './answer-reader.ts';

/** One answer, its body as bytes. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * A connection that speaks as little HTTP/1.1 as the benchmark needs, so that the load generator, which shares
 * the machine with the server, costs little beside it.
 */
export class RawClient {
  readonly #socket: TLSSocket;
  readonly #host: string;
  #reader = new AnswerReader();
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  #onBytes: ((bytes: Buffer) => void) | undefined;

  private constructor(socket: TLSSocket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    socket.on('data', (data) => this.#received(data));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error('connection closed')));
  }

  static open(target: Target): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ ...target, ALPNProtocols: ['http/1.1'], servername: '' }, () => {
        resolve(new RawClient(socket, `${target.host}:${target.port}`));
      });
      socket.once('error', reject);
    });
  }

  request(
    method: string,
    path: string,
    body?: string,
    contentType = 'application/json',
    accept = 'application/json',
    /** Further header lines, each with its line end. */
    headers = '',
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      const head = `${method} ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nAccept: ${accept}\r\n${headers}`;
      this.#socket.write(
        body === undefined
          ? `${head}\r\n`
          : `${head}Content-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
  }

  /** Sends a request and gives every byte that comes back to `onBytes`, head and all. */
  stream(path: string, onBytes: (bytes: Buffer) => void, accept = 'application/json'): void {
    this.#onBytes = onBytes;
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nAccept: ${accept}\r\n\r\n`);
  }

  close(): void {
    this.#socket.destroy();
  }

  #received(data: Buffer): void {
    if (this.#onBytes) {
      this.#onBytes(data);
      return;
    }
    const reader = this.#reader;
    const body = reader.add(data);
    if (body === undefined) return;
    this.#reader = new AnswerReader();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status: reader.status, body });
  }
}
