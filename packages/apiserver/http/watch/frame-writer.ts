import type { ServerResponse } from 'node:http';
import { recycle } from '../../storage/lists/slice-writer.ts';
import type { Response } from '../reply.ts';
import { roomIn } from '../send-slices.ts';

/** A client that lets so much pile up is cut off and has to start again: 10,000 events of pods. */
const pendingLimit = 64 * 1024 * 1024;
/**
 * Frames are joined up to this size, and no more is written before the client has taken it: a connection encrypts what
 * it is given into memory of its own, while frames that wait are shared by all who wait for them.
 */
const writeSize = 256 * 1024;

const chunks = new WeakMap<Buffer, Buffer>();

/** A frame as an HTTP/1.1 chunk; made once for all the clients that get it. */
function chunkOf(frame: Buffer): Buffer {
  let chunk = chunks.get(frame);
  if (chunk === undefined) {
    chunk = Buffer.concat([Buffer.from(`${frame.length.toString(16)}\r\n`, 'latin1'), frame, crlf]);
    chunks.set(frame, chunk);
  }
  return chunk;
}

const crlf = Buffer.from('\r\n');

/** The frames that were joined last: watchers of the same thing get the same ones one after the other. */
let joinedFrames: readonly Buffer[] = [];
let joined: Buffer = Buffer.alloc(0);

function join(frames: readonly Buffer[]): Buffer {
  if (frames.length === 1) return frames[0] as Buffer;
  const same = frames.length === joinedFrames.length && frames.every((frame, i) => frame === joinedFrames[i]);
  if (!same) {
    joined = Buffer.concat(frames);
    joinedFrames = frames;
  }
  return joined;
}

/** Writers with frames to send, in the order in which they got them, from `next` on. */
let waiting: FrameWriter[] = [];
let next = 0;
let flushing = false;

/**
 * Writers that are flushed before others get their turn: 200 writes of some 15 µs are 3 ms. When the writers are few,
 * a part of them: events that come between two parts go out in one write with those before them.
 */
const mostAtOnce = 200;
const fewestAtOnce = 32;
const parts = 4;
let atOnce = fewestAtOnce;
/** Bytes that are as much work as one write more. */
const bytesAWrite = 16 * 1024;

/** Flushes what the current batch of events has left, a part at a time: there may be thousands of watchers. */
function flushSome(): void {
  atOnce = Math.min(mostAtOnce, Math.max(atOnce, waiting.length / parts));
  for (let work = 0; next < waiting.length; ) {
    if (work >= atOnce) {
      // Under load the rest never becomes empty: those that were flushed must go.
      waiting = waiting.slice(next);
      next = 0;
      setImmediate(flushSome);
      return;
    }
    work += 1 + (waiting[next++] as FrameWriter).flushPart() / bytesAWrite;
  }
  waiting = [];
  next = 0;
  flushing = false;
  atOnce = fewestAtOnce;
}

/**
 * Writes the frames of a stream. Frames of one batch go out in one write; over HTTP/1.1 they bypass the
 * response, which would make new buffers for the same chunk for each client.
 */
export class FrameWriter {
  readonly #response: Response;
  readonly #onOverflow: () => void;
  readonly #chunked: boolean;
  #frames: Buffer[] = [];
  /** Bytes of the frames. */
  #held = 0;
  #open = false;
  /** It has its place among those that wait to be flushed. */
  #queued = false;
  /** The client has not taken what was written. */
  #blocked = false;

  constructor(response: Response, chunked: boolean, onOverflow: () => void) {
    this.#response = response;
    this.#chunked = chunked;
    this.#onOverflow = onOverflow;
  }

  /**
   * Sends what the stream begins with, slice by slice as the client takes it, and then opens. Frames of the
   * meantime follow. Needs no turn of the event loop where there is one slice or none.
   */
  async begin(slices: Iterable<Buffer>): Promise<void> {
    const out = this.#response as ServerResponse;
    const left = slices[Symbol.iterator]();
    for (let next = left.next(); !next.done; ) {
      const slice = next.value;
      if (out.destroyed || out.writableEnded) {
        recycle(slice);
        return;
      }
      // An empty one stands for work without a result.
      if (slice.length > 0) out.write(slice, () => recycle(slice));
      next = left.next();
      if (!next.done) await roomIn(out);
    }
    this.open();
  }

  /** The head was sent: frames may follow. */
  open(): void {
    this.#open = true;
    this.flushPart();
  }

  send(frame: Buffer): void {
    this.#frames.push(frame);
    this.#held += frame.length;
    if (this.#held > pendingLimit) this.#onOverflow();
    else if (this.#open && !this.#blocked) this.#queue();
  }

  #queue(): void {
    if (this.#queued) return;
    this.#queued = true;
    waiting.push(this);
    if (flushing) return;
    flushing = true;
    queueMicrotask(flushSome);
  }

  /** Sends all there is, as the stream ends: whether or not the client has taken what came before. */
  flush(): void {
    if (!this.#open || this.#frames.length === 0) return;
    const frames = this.#frames;
    this.#frames = [];
    this.#held = 0;
    this.#write(Buffer.concat(frames));
  }

  /** Sends as much as may be on its way at a time; the rest follows when the client has taken it. Gives the bytes. */
  flushPart(): number {
    this.#queued = false;
    if (!this.#open || this.#blocked || this.#frames.length === 0) return 0;
    let size = 0;
    let count = 0;
    while (count < this.#frames.length && size < writeSize) size += (this.#frames[count++] as Buffer).length;
    const frames = count === this.#frames.length ? this.#frames : this.#frames.slice(0, count);
    this.#frames = frames === this.#frames ? [] : this.#frames.slice(count);
    this.#held -= size;
    this.#write(join(frames));
    if (this.#frames.length > 0 && !this.#blocked) this.#queue();
    return size;
  }

  #write(bytes: Buffer): void {
    const response = this.#response as ServerResponse;
    // A pipelined request has no socket until the answers before it are done.
    const socket = this.#chunked ? response.socket : null;
    const out = socket ?? response;
    if (out.destroyed) return;
    const more = socket === null ? response.write(bytes) : socket.write(chunkOf(bytes));
    if (more || this.#blocked) return;
    this.#blocked = true;
    out.once('drain', () => {
      this.#blocked = false;
      if (this.#frames.length > 0) this.#queue();
    });
  }
}
