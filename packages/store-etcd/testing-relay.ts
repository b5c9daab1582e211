import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to an etcd that can be made to carry nothing any more, as when a machine is gone: nobody is told. */
export class TestingRelay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #hangs = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(url: string): Promise<TestingRelay> {
    const server = createServer();
    const relay = new TestingRelay(server);
    const { port, hostname } = new URL(url);
    server.on('connection', (client) => relay.#carry(client, connect(Number(port), hostname)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #carry(client: Socket, etcd: Socket): void {
    for (const [from, to] of [
      [client, etcd],
      [etcd, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (bytes) => {
        if (!this.#hangs) to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  }

  hang(): void {
    this.#hangs = true;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
