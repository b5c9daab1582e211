import type { Clock } from '@coxswain/machinery';
import type { UserInfo } from '../access/contract.ts';
import { readAnswer } from './read-answer.ts';
import type { RemoteServer } from './remote-server.ts';

/** Documents are asked for again when they are older than this. */
const freshMs = 60_000;
const timeoutMs = 5_000;

/** In whose name documents are read. */
const reader: UserInfo = { name: 'system:aggregator', groups: [] };

interface Known {
  readonly remote: RemoteServer;
  at: number;
  etag: string;
  text: string | undefined;
  asking: Promise<void> | undefined;
}

/** The OpenAPI documents of the servers behind this one, kept for a minute. */
export class RemoteOpenApi {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  readonly #abort = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The text of a server's `/openapi/v2` or `/openapi/v3`; undefined where it has none, or does not answer. */
  async read(remote: RemoteServer, path: '/openapi/v2' | '/openapi/v3'): Promise<string | undefined> {
    if (!remote.available) return undefined;
    const key = `${remote.name} ${path}`;
    let known = this.#known.get(key);
    if (known?.remote !== remote) {
      known = { remote, at: Number.NEGATIVE_INFINITY, etag: '', text: undefined, asking: undefined };
      this.#known.set(key, known);
    }
    if (this.#clock.monotonic() - known.at >= freshMs) {
      known.asking ??= this.#ask(known, path);
      await known.asking;
    }
    return known.text;
  }

  forget(name: string): void {
    for (const key of this.#known.keys()) if (key.startsWith(`${name} `)) this.#known.delete(key);
  }

  close(): void {
    this.#abort.abort(new Error('the server stops'));
    this.#known.clear();
  }

  async #ask(known: Known, path: string): Promise<void> {
    const { remote } = known;
    const timeout = new AbortController();
    const timer = this.#clock.after(timeoutMs, () => timeout.abort(new Error('timeout')));
    const signal = AbortSignal.any([this.#abort.signal, timeout.signal]);
    try {
      const answer = await readAnswer(
        await remote.ask(
          remote.locate(path),
          reader,
          { accept: 'application/json', ...(known.etag === '' ? {} : { 'if-none-match': known.etag }) },
          signal,
        ),
        signal,
      );
      if (answer.code === 200) {
        known.text = answer.text;
        known.etag = answer.etag;
      } else if (answer.code !== 304) known.text = undefined;
    } catch {
      // Last known documents stay: why the server is away is in its APIService's condition.
    } finally {
      timer.cancel();
      known.at = this.#clock.monotonic();
      known.asking = undefined;
    }
  }
}
