/**
 * A process that lives in one network namespace and does there what lines of JSON on standard input ask for: serve
 * its name over HTTP or UDP, or be a client. One answer line for each request line.
 */
import { createSocket } from 'node:dgram';
import { Agent, createServer, get } from 'node:http';
import { createInterface } from 'node:readline';
import { systemClock } from '@coxswain/machinery';

export type PeerRequest =
  | { readonly op: 'serve' | 'serve-udp'; readonly port: number; readonly name: string }
  | {
      readonly op: 'get' | 'ask-udp';
      readonly host: string;
      readonly port: number;
      readonly localPort?: number;
    }
  | { readonly op: 'hold'; readonly host: string; readonly port: number };

export interface PeerAnswer {
  /** What the server said: its name and the client's address as it saw it. */
  readonly name?: string;
  readonly from?: string;
  /** Error code, such as ECONNREFUSED or TIMEOUT. */
  readonly error?: string;
}

const patience = 1_500;
/** One connection, kept: `hold` asks again over it. */
const held = new Agent({ keepAlive: true, maxSockets: 1 });

function ask(host: string, port: number, agent?: Agent): Promise<PeerAnswer> {
  return new Promise((resolve) => {
    const request = get(
      { host, port, timeout: patience, ...(agent ? { agent } : { agent: false }) },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text) => {
          body += text;
        });
        response.on('end', () => resolve(JSON.parse(body) as PeerAnswer));
      },
    );
    request.on('timeout', () => request.destroy(Object.assign(new Error('no answer'), { code: 'TIMEOUT' })));
    request.on('error', (error: NodeJS.ErrnoException) => resolve({ error: error.code ?? error.message }));
  });
}

function askUdp(host: string, port: number, localPort: number): Promise<PeerAnswer> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (answer: PeerAnswer): void => {
      timer.cancel();
      socket.close(() => resolve(answer));
    };
    const timer = systemClock.after(patience, () => end({ error: 'TIMEOUT' }));
    socket.on('message', (message) => end(JSON.parse(message.toString()) as PeerAnswer));
    socket.on('error', (error: NodeJS.ErrnoException) => end({ error: error.code ?? error.message }));
    socket.bind(localPort, () => socket.connect(port, host, () => socket.send('?')));
  });
}

function handle(request: PeerRequest): Promise<PeerAnswer> {
  switch (request.op) {
    case 'serve':
      return new Promise((resolve) => {
        const server = createServer((incoming, response) => {
          response.end(JSON.stringify({ name: request.name, from: incoming.socket.remoteAddress }));
        });
        server.keepAliveTimeout = 60_000;
        server.listen(request.port, '0.0.0.0', () => resolve({}));
      });
    case 'serve-udp':
      return new Promise((resolve) => {
        const socket = createSocket('udp4');
        socket.on('message', (_, { address, port }) => {
          socket.send(JSON.stringify({ name: request.name, from: address }), port, address);
        });
        socket.bind(request.port, '0.0.0.0', () => resolve({}));
      });
    case 'get':
      return ask(request.host, request.port);
    case 'hold':
      return ask(request.host, request.port, held);
    case 'ask-udp':
      return askUdp(request.host, request.port, request.localPort ?? 0);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await handle(JSON.parse(line) as PeerRequest))}\n`);
}
process.exit(0);
