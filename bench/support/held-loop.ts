import type { Collect } from './figure.ts';
import { openAll } from './measure.ts';
import { type Answer, RawClient } from './raw-client.ts';
import type { ServerProcess } from './server-process.ts';

const section = 'Heavy requests';

/** A probed server and one client, which send one heavy request at a time and note the longest turn of the loop. */
export class HeldLoop {
  readonly server: ServerProcess;
  readonly #flags: readonly string[];
  readonly #collect: Collect;
  #client: RawClient;

  private constructor(server: ServerProcess, client: RawClient, flags: readonly string[], collect: Collect) {
    this.server = server;
    this.#client = client;
    this.#flags = flags;
    this.#collect = collect;
  }

  /** Starts the server. */
  static async start(server: ServerProcess, flags: readonly string[], collect: Collect): Promise<HeldLoop> {
    await server.start('server', ...flags);
    return new HeldLoop(server, await RawClient.open(server.target()), flags, collect);
  }

  get client(): RawClient {
    return this.#client;
  }

  /** Starts the server again: nothing of what it has stored is in its memory any more. */
  async restart(...moreFlags: readonly string[]): Promise<void> {
    await this.stop();
    await this.server.start('server', ...this.#flags, ...moreFlags);
    this.#client = await RawClient.open(this.server.target());
  }

  /** Notes for how long the loop is held at most while the operation runs, and p50 and p99 of all turns. */
  async held(name: string, operation: () => Promise<unknown>): Promise<void> {
    await this.server.loopReport();
    await operation();
    const { cpu, longest } = await this.server.loopReport();
    this.#collect({ section, name, value: cpu.max, unit: 'ms', p50: cpu.p50, p99: cpu.p99 });
    if (process.env['LOOP_DETAILS'] === undefined) return;
    for (const turn of longest.slice(0, 8)) {
      if (turn.cpu < 8) break;
      console.error(
        `  ${turn.cpu.toFixed(1)} ms CPU, ${turn.wall.toFixed(1)} wall, ended at ${turn.endedAt.toFixed(1)}`,
      );
    }
  }

  /** @throws Error for an answer of 400 or more */
  async send(
    method: string,
    path: string,
    body?: string,
    contentType?: string,
    accept?: string,
    headers?: string,
  ): Promise<Answer> {
    const answer = await this.client.request(method, path, body, contentType, accept, headers);
    if (answer.status < 400) return answer;
    throw new Error(`${method} ${path}: ${answer.status} ${answer.body.toString('utf8', 0, 500)}`);
  }

  async post(path: string, object: object): Promise<Answer> {
    return this.send('POST', path, JSON.stringify(object));
  }

  /** Makes so many objects over 16 connections. */
  async fill(path: string, count: number, body: (index: number) => string): Promise<void> {
    const clients = await openAll(this.server.target(), 16);
    let next = 0;
    await Promise.all(
      clients.map(async (client) => {
        while (next < count) {
          const { status, body: answer } = await client.request('POST', path, body(next++));
          if (status >= 400) throw new Error(`${path}: ${status} ${answer.toString('utf8', 0, 500)}`);
        }
        client.close();
      }),
    );
  }

  async stop(): Promise<void> {
    this.#client.close();
    await this.server.stop();
  }
}
