import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { nextTurn } from '@coxswain/machinery';
import { type WebSocket, WebSocketServer } from 'ws';
import { recycle } from '../../storage/lists/slice-writer.ts';
import type { Request } from '../reply.ts';
import type { WatchOutput } from './watch-output.ts';

/** A client that lets so much pile up is cut off and has to start again. */
const pendingLimit = 64 * 1024 * 1024;
/** A protocol that carries a token is none that could be spoken. */
const tokenProtocol = 'base64url.bearer.authorization.k8s.io.';

const newline = 0x0a;
const lengthPrefix = 4;

/** A request to become a WebSocket. */
export interface WebSocketUpgrade {
  readonly request: Request;
  readonly socket: TLSSocket;
  readonly head: Buffer;
}

/** Frames as messages of a WebSocket, one for each event: text for JSON, bytes for protobuf. */
export class WebSocketWatchOutput implements WatchOutput {
  readonly #upgrade: WebSocketUpgrade;
  readonly #isText: boolean;
  /** Absent until the handshake is over. */
  #client: WebSocket | undefined;
  /** What came before the watch had begun. */
  #waiting: Buffer[] | undefined = [];
  #gone: () => void = () => {};

  constructor(upgrade: WebSocketUpgrade, isText: boolean) {
    this.#upgrade = upgrade;
    this.#isText = isText;
  }

  head(): void {
    const { request, socket, head } = this.#upgrade;
    const server = new WebSocketServer({
      noServer: true,
      handleProtocols: (offered) => [...offered].find((name) => !name.startsWith(tokenProtocol)) ?? false,
    });
    server.handleUpgrade(request as IncomingMessage, socket, head, (client) => {
      this.#client = client;
      client.on('close', () => this.#gone());
      client.on('error', () => this.#gone());
    });
  }

  async begin(slices: Iterable<Buffer>): Promise<void> {
    for (const slice of slices) {
      for (const frame of this.#isText ? lines(slice) : messages(slice)) this.#write(frame);
      recycle(slice);
      await this.#room();
    }
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const frame of waiting) this.send(frame);
  }

  send(frame: Buffer): void {
    if (this.#waiting !== undefined) this.#waiting.push(frame);
    else this.#write(this.#isText ? frame : frame.subarray(lengthPrefix));
  }

  end(): void {
    this.#client?.close(1000);
  }

  abort(): void {
    this.#client?.terminate();
  }

  onGone(fn: () => void): void {
    this.#gone = fn;
  }

  #write(message: Buffer): void {
    const client = this.#client;
    if (client === undefined) return;
    client.send(this.#isText ? message.toString('utf8') : message);
    if (client.bufferedAmount > pendingLimit) this.#gone();
  }

  /** Resolves in a later turn, when the client has taken what was written. */
  #room(): Promise<void> {
    const { socket } = this.#upgrade;
    if (socket.destroyed || !socket.writableNeedDrain) return nextTurn();
    return new Promise((resolve) => {
      const done = (): void => {
        socket.off('drain', done);
        socket.off('close', done);
        resolve();
      };
      socket.on('drain', done);
      socket.on('close', done);
    });
  }
}

/** The events of a slice in JSON, with the line breaks that end them. */
function* lines(slice: Buffer): Generator<Buffer> {
  for (let from = 0; from < slice.length; ) {
    const end = slice.indexOf(newline, from) + 1 || slice.length;
    yield slice.subarray(from, end);
    from = end;
  }
}

/** The events of a slice in protobuf, without the lengths before them. A copy: the slice is used again. */
function* messages(slice: Buffer): Generator<Buffer> {
  for (let from = 0; from < slice.length; ) {
    const end = from + lengthPrefix + slice.readUInt32BE(from);
    yield Buffer.from(slice.subarray(from + lengthPrefix, end));
    from = end;
  }
}
