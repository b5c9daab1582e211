import { connect, type TLSSocket } from 'node:tls';

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
  #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes that must have come before it is worth looking again. */
  #needed = 0;
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
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      const head = `${method} ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nAccept: ${accept}\r\n`;
      this.#socket.write(
        body === undefined
          ? `${head}\r\n`
          : `${head}Content-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
  }

  /** Sends a request and gives every byte that comes back to `onBytes`, head and all. */
  stream(path: string, onBytes: (bytes: Buffer) => void): void {
    this.#onBytes = onBytes;
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\nAccept: application/json\r\n\r\n`);
  }

  close(): void {
    this.#socket.destroy();
  }

  #received(data: Buffer): void {
    if (this.#onBytes) {
      this.#onBytes(data);
      return;
    }
    this.#chunks.push(data);
    this.#length += data.length;
    // A long body is put together once, when as much has come as it needs.
    if (this.#length < this.#needed) return;
    const buffer = this.#chunks.length === 1 ? data : Buffer.concat(this.#chunks);
    this.#chunks = [buffer];
    const end = buffer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = buffer.toString('latin1', 0, end);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    const start = end + 4;
    const body =
      length === undefined ? this.#chunked(buffer, start) : this.#sized(buffer, start, Number(length));
    if (!body) return;
    this.#chunks = [];
    this.#length = 0;
    this.#needed = 0;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }

  #sized(buffer: Buffer, start: number, length: number): Buffer | undefined {
    this.#needed = start + length;
    return buffer.length < this.#needed ? undefined : buffer.subarray(start, this.#needed);
  }

  #chunked(buffer: Buffer, start: number): Buffer | undefined {
    const parts: Buffer[] = [];
    for (let at = start; ; ) {
      const line = buffer.indexOf('\r\n', at);
      if (line < 0) return undefined;
      const size = Number.parseInt(buffer.toString('latin1', at, line), 16);
      if (buffer.length < line + 2 + size + 2) {
        this.#needed = line + 2 + size + 2;
        return undefined;
      }
      if (size === 0) return Buffer.concat(parts);
      parts.push(buffer.subarray(line + 2, line + 2 + size));
      at = line + 2 + size + 2;
    }
  }
}
