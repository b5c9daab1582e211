import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import type { Clock, Logger } from '@coxswain/machinery';
import packet from 'dns-packet';
import type { Forwarder } from './forwarder.ts';
import type { DnsRecord } from './record.ts';
import type { Responder } from './responder.ts';
import { errorResponse, rcodes } from './wire.ts';

export interface DnsServerOptions {
  readonly address: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly responder: Responder;
  readonly forwarder: Forwarder;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Milliseconds that a TCP connection may stand without a query. */
const idleMs = 10_000;
/** Bytes for queries that came in while the last ones are answered: about 20,000 of them. */
const receiveBuffer = 4 << 20;

/** Serves DNS over UDP and TCP on one address and port. */
export class DnsServer {
  readonly #options: DnsServerOptions;
  readonly #udp: Socket;
  readonly #tcp: Server;
  readonly #connections = new Set<TcpSocket>();

  constructor(options: DnsServerOptions) {
    this.#options = options;
    this.#udp = createSocket({ type: options.address.includes(':') ? 'udp6' : 'udp4' });
    this.#tcp = createServer((socket) => this.#serve(socket));
    this.#udp.on('message', (query, from) => {
      this.#answer(query, 'udp', (response) => this.#udp.send(response, from.port, from.address));
    });
  }

  /** Rejects when the address is taken. Gives the port, the same for both transports. */
  async listen(): Promise<number> {
    const { address, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#udp.once('error', reject);
      this.#udp.bind(port, address, resolve);
    });
    // The kernel gives less than asked where net.core.rmem_max says so.
    this.#udp.setRecvBufferSize(receiveBuffer);
    const given = this.#udp.address().port;
    await new Promise<void>((resolve, reject) => {
      this.#tcp.once('error', reject);
      this.#tcp.listen(given, address, resolve);
    });
    const report = (error: Error): void => {
      this.#options.logger.warn('DNS socket error', { error: error.message });
    };
    this.#udp.on('error', report);
    this.#tcp.on('error', report);
    return given;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#udp.close(resolve));
    for (const socket of this.#connections) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#tcp.close(() => resolve());
    });
  }

  #answer(query: Buffer, transport: 'udp' | 'tcp', send: (response: Buffer) => void): void {
    const outcome = this.#options.responder.respond(query, transport);
    switch (outcome.kind) {
      case 'ignore':
        return;
      case 'response':
        send(outcome.message);
        return;
      case 'forward':
        void this.#options.forwarder.ask(query, transport).then((answer) => {
          send(answer ?? errorResponse(query, rcodes.SERVFAIL));
        });
        return;
      case 'follow':
        void this.#follow(query, outcome.target, transport).then((rest) => send(outcome.finish(rest)));
    }
  }

  /** Asks for the addresses behind an alias that leaves the cluster. */
  async #follow(query: Buffer, target: string, transport: 'udp' | 'tcp'): Promise<readonly DnsRecord[]> {
    const { type = 'A' } = packet.decode(query).questions?.[0] ?? {};
    const onward = packet.encode({
      type: 'query',
      id: 0,
      flags: packet.RECURSION_DESIRED,
      questions: [{ type, name: target }],
    });
    const answer = await this.#options.forwarder.ask(onward, transport);
    if (answer === undefined) return [];
    const records = packet.decode(answer).answers ?? [];
    return records.filter((r) => r.type !== 'OPT') as unknown as readonly DnsRecord[];
  }

  /** RFC 7766: each message after its length; several may be under way. */
  #serve(socket: TcpSocket): void {
    this.#connections.add(socket);
    let received: Buffer = Buffer.alloc(0);
    let idle = this.#idleTimer(socket);
    socket.on('data', (chunk: Buffer) => {
      idle.cancel();
      idle = this.#idleTimer(socket);
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const query = Buffer.from(received.subarray(2, end));
        received = received.subarray(end);
        this.#answer(query, 'tcp', (response) => {
          if (socket.destroyed) return;
          const length = Buffer.alloc(2);
          length.writeUInt16BE(response.length);
          socket.write(Buffer.concat([length, response]));
        });
      }
    });
    // A client that hangs up is no event.
    socket.on('error', () => {});
    socket.on('close', () => {
      idle.cancel();
      this.#connections.delete(socket);
    });
  }

  #idleTimer(socket: TcpSocket): { cancel(): void } {
    return this.#options.clock.after(idleMs, () => socket.destroy());
  }
}
