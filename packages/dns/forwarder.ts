import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Clock } from '@coxswain/machinery';
import { AnswerCache } from './answer-cache.ts';
import type { Upstream } from './resolv-conf.ts';
import { isTruncated, queryKey, readHeader, setId } from './wire.ts';

/** Milliseconds for one server to answer; a resolver in a pod gives up after 5,000. */
const patienceMs = 2_000;

/** Asks the machine's own name servers, one after the other, and remembers what they say. */
export class Forwarder {
  readonly #upstreams: readonly Upstream[];
  readonly #clock: Clock;
  readonly #cache: AnswerCache;
  /** Same questions that are under way are asked once. */
  readonly #pending = new Map<string, Promise<Buffer | undefined>>();

  constructor(upstreams: readonly Upstream[], clock: Clock) {
    this.#upstreams = upstreams;
    this.#clock = clock;
    this.#cache = new AnswerCache(clock);
  }

  /**
   * The answer to a query, with its id; undefined when no server answers in time.
   *
   * @param transport `tcp` where the answer may be longer than a UDP message holds
   */
  async ask(query: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | undefined> {
    const key = `${transport}${queryKey(query)}`;
    const id = query.readUInt16BE(0);
    const kept = this.#cache.get(key);
    if (kept !== undefined) {
      setId(kept, id);
      return kept;
    }
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = this.#askAll(query, transport).finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    const answer = await pending;
    if (answer === undefined) return undefined;
    if (!isTruncated(answer)) this.#cache.put(key, answer);
    const own = Buffer.from(answer);
    setId(own, id);
    return own;
  }

  async #askAll(query: Buffer, transport: 'udp' | 'tcp'): Promise<Buffer | undefined> {
    for (const upstream of this.#upstreams) {
      const message = Buffer.from(query);
      // A fresh id and, by the kernel, a fresh port for each: what makes answers hard to forge.
      setId(message, randomInt(65_536));
      const answer = await (transport === 'udp'
        ? this.#askUdp(message, upstream)
        : this.#askTcp(message, upstream));
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  #askUdp(query: Buffer, upstream: Upstream): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const socket = createSocket(upstream.address.includes(':') ? 'udp6' : 'udp4');
      const end = (answer: Buffer | undefined): void => {
        timer.cancel();
        socket.close();
        resolve(answer);
      };
      const timer = this.#clock.after(patienceMs, () => end(undefined));
      socket.on('error', () => end(undefined));
      socket.on('message', (message) => {
        if (answers(message, query)) end(message);
      });
      socket.connect(upstream.port, upstream.address, () => socket.send(query));
    });
  }

  #askTcp(query: Buffer, upstream: Upstream): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      const socket = connect(upstream.port, upstream.address);
      const end = (answer: Buffer | undefined): void => {
        timer.cancel();
        socket.destroy();
        resolve(answer);
      };
      const timer = this.#clock.after(patienceMs, () => end(undefined));
      let received: Buffer = Buffer.alloc(0);
      socket.on('error', () => end(undefined));
      socket.on('close', () => end(undefined));
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
        const message = received.subarray(2, 2 + received.readUInt16BE(0));
        end(answers(message, query) ? Buffer.from(message) : undefined);
      });
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
    });
  }
}

function answers(message: Buffer, query: Buffer): boolean {
  const header = readHeader(message);
  return header?.response === true && header.id === query.readUInt16BE(0);
}
