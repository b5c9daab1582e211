import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { SpdyClient } from '@coxswain/client';
import type { StreamOptions } from '@coxswain/cri';
import { type WebSocket, WebSocketServer } from 'ws';
import { ServerError } from '../server-error.ts';
import { upgradeToSpdy } from './upgrade-request.ts';

/** The streams of a command, by their channel of a WebSocket. */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4 } as const;
/** Version 5: the rest of the message is the number of a channel that nothing more comes on. */
const closeChannel = 255;

/** Newest first; `base64.` ones carry text for clients that cannot send bytes. */
const protocols = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
];
/** Before version 4 the last channel said nothing of success, and of failure only its message. */
const plainErrors: ReadonlySet<string> = new Set(['channel.k8s.io', 'base64.channel.k8s.io']);
const runtimeProtocols = ['v4.channel.k8s.io', 'v3.channel.k8s.io'];

/** The protocol to speak with the client, or undefined where none is shared. */
function choose(offered: ReadonlySet<string>): string | undefined {
  return protocols.find((p) => offered.has(p));
}

/**
 * Serves exec and attach over a WebSocket, in upstream's remote command protocol, and speaks SPDY with the
 * runtime.
 */
export async function execOverWebSocket(
  target: URL,
  options: StreamOptions,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<void> {
  const offered = new Set((request.headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim()));
  const protocol = choose(offered);
  if (protocol === undefined) throw new ServerError(400, 'none of the WebSocket subprotocols is supported');
  const runtime = await upgradeToSpdy(target, runtimeProtocols);
  const spdy = new SpdyClient(runtime.socket, runtime.head);
  const server = new WebSocketServer({ noServer: true, handleProtocols: () => protocol });
  const client = await new Promise<WebSocket>((resolve) => {
    server.handleUpgrade(request, socket, head, resolve);
  });
  await new Session(client, spdy, protocol).run(options);
}

class Session {
  readonly #client: WebSocket;
  readonly #spdy: SpdyClient;
  readonly #base64: boolean;
  readonly #streams = new Map<number, number>();
  /** What came before its stream was open. */
  readonly #early: Buffer[] = [];
  #open = false;
  readonly #plainErrors: boolean;
  #status = '';

  constructor(client: WebSocket, spdy: SpdyClient, protocol: string) {
    this.#plainErrors = plainErrors.has(protocol);
    this.#client = client;
    this.#spdy = spdy;
    this.#base64 = protocol.includes('base64');
  }

  async run(options: StreamOptions): Promise<void> {
    const client = this.#client;
    client.on('message', (data: Buffer) => this.#fromClient(Buffer.from(data)));
    client.on('close', () => this.#spdy.close());
    client.on('error', () => this.#spdy.close());
    const outputs: Promise<void>[] = [];
    const open = async (name: keyof typeof channels): Promise<void> => {
      const channel = channels[name];
      let ended: () => void = () => {};
      const isOutput = name === 'stdout' || name === 'stderr' || name === 'error';
      if (isOutput) outputs.push(new Promise((resolve) => (ended = resolve)));
      const id = await this.#spdy.open(
        { streamType: name },
        {
          onData: (data) => {
            if (name === 'error' && this.#plainErrors) this.#status += data.toString('utf8');
            else this.#toClient(channel, data);
          },
          onEnd: () => ended(),
        },
      );
      this.#streams.set(channel, id);
    };
    try {
      await open('error');
      if (options.stdin) await open('stdin');
      if (options.stdout) await open('stdout');
      if (options.stderr) await open('stderr');
      if (options.tty) await open('resize');
    } catch (error) {
      client.close(1011, (error as Error).message);
      return;
    }
    this.#open = true;
    // Empty messages tell the client that its channels are there.
    for (const channel of this.#streams.keys()) this.#toClient(channel, Buffer.alloc(0));
    for (const message of this.#early.splice(0)) this.#fromClient(message);
    await Promise.all(outputs);
    this.#tellPlainError();
    client.close(1000);
    this.#spdy.close();
  }

  /** What the runtime said of the end, in the words of the first protocols. */
  #tellPlainError(): void {
    if (this.#status === '') return;
    const { status, message = '' } = JSON.parse(this.#status) as { status?: string; message?: string };
    if (status !== 'Success') this.#toClient(channels.error, Buffer.from(message));
  }

  #toClient(channel: number, data: Buffer): void {
    if (this.#client.readyState !== this.#client.OPEN) return;
    if (this.#base64) this.#client.send(`${channel}${data.toString('base64')}`);
    else this.#client.send(Buffer.concat([Buffer.from([channel]), data]));
  }

  #fromClient(message: Buffer): void {
    if (!this.#open) {
      this.#early.push(message);
      return;
    }
    const [first] = message;
    if (first === undefined) return;
    const channel = this.#base64 ? first - 0x30 : first;
    if (channel === closeChannel) {
      const closed = this.#streams.get(message[1] ?? -1);
      if (closed !== undefined) this.#spdy.finish(closed);
      return;
    }
    const stream = this.#streams.get(channel);
    const data = this.#base64 ? Buffer.from(message.toString('latin1', 1), 'base64') : message.subarray(1);
    if (stream !== undefined && data.length > 0) this.#spdy.write(stream, data);
  }
}
