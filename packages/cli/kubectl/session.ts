import { type HttpTransport, httpTransport } from '@coxswain/client';
import { type Clock, systemClock } from '@coxswain/machinery';
import type { Streams } from '../command.ts';
import type { Flags } from '../flags.ts';
import { type Connection, connectionOf } from './connect.ts';
import { Discovery } from './discovery.ts';
import { usageFailure } from './error-text.ts';
import { Rest } from './rest.ts';

interface SessionOptions {
  readonly path: string;
  readonly flags: Flags;
  readonly streams: Streams;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Flags of the verb itself: where one bears a global flag's name, it means something else. */
  readonly own?: ReadonlySet<string>;
}

/** One call of a verb: its command line, its streams, and the server, connected to when first asked for. */
export class Session {
  /** The verb with its parents, such as `rollout status`. */
  readonly path: string;
  readonly flags: Flags;
  readonly streams: Streams;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly #own: ReadonlySet<string>;
  #connection: Promise<Connection> | undefined;
  #transport: HttpTransport | undefined;
  #rest: Promise<Rest> | undefined;
  #discovery: Discovery | undefined;

  constructor(options: SessionOptions) {
    this.path = options.path;
    this.flags = options.flags;
    this.streams = options.streams;
    this.signal = options.signal;
    this.clock = options.clock ?? systemClock;
    this.#own = options.own ?? new Set();
  }

  get args(): readonly string[] {
    return this.flags.args;
  }

  out(text: string): void {
    this.streams.out.write(text);
  }

  err(text: string): void {
    this.streams.err.write(text);
  }

  /** A wrong use of the verb. */
  usage(message: string): Error {
    return usageFailure(this.path, message);
  }

  connection(): Promise<Connection> {
    this.#connection ??= connectionOf(this.flags, this.#own);
    return this.#connection;
  }

  async namespace(): Promise<string> {
    return this.flags.string('namespace') ?? (await this.connection()).namespace;
  }

  /** Whether `-n` was given: objects of files must then lie in that namespace. */
  get namespaceGiven(): boolean {
    return this.flags.has('namespace');
  }

  rest(): Promise<Rest> {
    this.#rest ??= this.#connect();
    return this.#rest;
  }

  async discovery(): Promise<Discovery> {
    this.#discovery ??= new Discovery({
      rest: await this.rest(),
      server: (await this.connection()).options.server,
      cacheDir: this.flags.string('cache-dir'),
      clock: this.clock,
      warn: (text) => this.err(text),
    });
    return this.#discovery;
  }

  /** How many different warnings the server gave. */
  async warnings(): Promise<number> {
    return (await this.#rest)?.warnings ?? 0;
  }

  /** Closes the connections. */
  close(): void {
    this.#transport?.close();
  }

  async #connect(): Promise<Rest> {
    const { options } = await this.connection();
    this.#transport = httpTransport({ ...options, clock: this.clock });
    const verbosity = this.flags.int('v') ?? 0;
    return new Rest({
      transport: this.#transport,
      clock: this.clock,
      signal: this.signal,
      warn: (text) => this.err(`Warning: ${text}\n`),
      ...(verbosity >= 6 ? { trace: (text: string) => this.err(`${text}\n`) } : {}),
    });
  }
}
