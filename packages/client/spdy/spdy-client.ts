import type { Duplex } from 'node:stream';
import {
  control,
  dataFrame,
  FrameReader,
  flagFin,
  frameTypes,
  HeaderWriter,
  type SpdyFrame,
  synStream,
} from './spdy-frames.ts';

/** What happens on a stream that this side has opened. */
export interface StreamHandlers {
  readonly onData?: (data: Buffer) => void;
  /** The other side will send no more. */
  readonly onEnd?: () => void;
}

/** Data frames hold less than 16 MiB; smaller ones keep streams from waiting for each other. */
const maxData = 32 << 10;

/** The opening side of a SPDY/3.1 connection, on a socket that was upgraded to it. */
export class SpdyClient {
  readonly #socket: Duplex;
  readonly #headers = new HeaderWriter();
  readonly #reader = new FrameReader();
  readonly #streams = new Map<number, StreamHandlers>();
  readonly #replies = new Map<
    number,
    { readonly resolve: () => void; readonly reject: (e: Error) => void }
  >();
  #nextId = 1;

  /** @param head bytes that came after the upgrade already */
  constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.once('close', () => this.#end());
    if (head.length > 0) this.#take(head);
  }

  /** Resolves with the stream's id when the other side has accepted it. */
  open(headers: Readonly<Record<string, string>>, handlers: StreamHandlers): Promise<number> {
    const id = this.#nextId;
    this.#nextId += 2;
    this.#streams.set(id, handlers);
    return new Promise((resolve, reject) => {
      this.#replies.set(id, { resolve: () => resolve(id), reject });
      this.#socket.write(synStream(id, this.#headers.write(headers)));
    });
  }

  /** False when the socket wants a pause; see `onDrain`. */
  write(streamId: number, data: Buffer): boolean {
    let ok = true;
    for (let at = 0; at < data.length; at += maxData) {
      ok = this.#socket.write(dataFrame(streamId, data.subarray(at, at + maxData), false));
    }
    return ok;
  }

  /** Tells the other side that nothing more comes on the stream. */
  finish(streamId: number): void {
    this.#socket.write(dataFrame(streamId, Buffer.alloc(0), true));
  }

  close(): void {
    this.#socket.end();
  }

  #take(chunk: Buffer): void {
    for (const frame of this.#reader.push(chunk)) this.#frame(frame);
  }

  #frame(frame: SpdyFrame): void {
    if (frame.kind === 'data') {
      const stream = this.#streams.get(frame.streamId);
      if (frame.data.length > 0) stream?.onData?.(Buffer.from(frame.data));
      if (frame.fin) this.#streamEnds(frame.streamId);
      return;
    }
    const id = frame.body.length >= 4 ? frame.body.readUInt32BE(0) & 0x7fffffff : 0;
    switch (frame.type) {
      case frameTypes.synReply:
        this.#replies.get(id)?.resolve();
        this.#replies.delete(id);
        if (frame.flags & flagFin) this.#streamEnds(id);
        return;
      case frameTypes.rstStream:
        this.#replies.get(id)?.reject(new Error(`stream ${id} was refused`));
        this.#replies.delete(id);
        this.#streamEnds(id);
        return;
      case frameTypes.ping:
        // Odd ones are answers to ours, and we send none.
        if (id % 2 === 0) this.#socket.write(control(frameTypes.ping, 0, frame.body));
        return;
      default:
        return;
    }
  }

  #streamEnds(id: number): void {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    stream?.onEnd?.();
  }

  #end(): void {
    for (const { reject } of this.#replies.values()) reject(new Error('the connection was closed'));
    this.#replies.clear();
    for (const stream of this.#streams.values()) stream.onEnd?.();
    this.#streams.clear();
  }
}
