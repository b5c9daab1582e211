import {
  errorOfResponse,
  type HttpAnswer,
  type HttpTransport,
  LineSplitter,
  optionsQuery,
  resourcePath,
} from '@coxswain/client';
import {
  type Clock,
  type KubeList,
  type KubeObject,
  readJson,
  StatusError,
  writeJson,
} from '@coxswain/machinery';
import type { ResourceMapping } from './discovery.ts';

/** Where a request goes: a resource, and which of it. */
export interface Target {
  readonly mapping: Pick<ResourceMapping, 'group' | 'version' | 'resource'>;
  /** Absent: cluster-scoped, or all namespaces. */
  readonly namespace?: string | undefined;
  readonly name?: string;
  readonly subresource?: string;
}

/** Query parameters; undefined and '' are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly accept?: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly about?: Target;
  /** Do not obey an answer that asks to come back later. */
  readonly once?: boolean;
}

interface RestOptions {
  readonly transport: HttpTransport;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly warn: (text: string) => void;
  readonly trace?: (text: string) => void;
}

/** client-go's: how often an answer that asks to come back later is obeyed. */
const maxRetries = 10;

/** Requests to the API server by resource; answers with a code of 400 and more throw `StatusError`. */
export class Rest {
  readonly transport: HttpTransport;
  readonly #options: RestOptions;
  readonly #warned = new Set<string>();

  constructor(options: RestOptions) {
    this.transport = options.transport;
    this.#options = options;
  }

  /** How many different warnings the server gave yet. */
  get warnings(): number {
    return this.#warned.size;
  }

  async get(target: Target, query: Query = {}, accept?: string): Promise<KubeObject> {
    return this.#json({ method: 'GET', path: pathOf(target, query), about: target, ...given({ accept }) });
  }

  async list(target: Target, query: Query = {}, accept?: string): Promise<KubeList> {
    return (await this.get(target, query, accept)) as unknown as KubeList;
  }

  async create(target: Target, body: unknown, query: Query = {}): Promise<KubeObject> {
    return this.#json({ method: 'POST', path: pathOf(target, query), body, about: target });
  }

  /** As `create`, but an answer that asks to come back later is thrown, not obeyed; so is a failure that came as 201. */
  async createOnce(target: Target, body: unknown, query: Query = {}): Promise<KubeObject> {
    const path = pathOf(target, query);
    const answer = await this.send({ method: 'POST', path, body, about: target, once: true });
    const made = readJson(answer.body.toString('utf8'));
    if (made.kind === 'Status' && made.status === 'Failure') throw new StatusError(made);
    return made;
  }

  async replace(target: Target, body: unknown, query: Query = {}): Promise<KubeObject> {
    return this.#json({ method: 'PUT', path: pathOf(target, query), body, about: target });
  }

  async patch(target: Target, type: string, body: unknown, query: Query = {}): Promise<KubeObject> {
    const path = pathOf(target, query);
    return this.#json({ method: 'PATCH', path, body, contentType: type, about: target });
  }

  /** @param options of `DeleteOptions`, a dry run too: with a body the server takes no notice of the query */
  async delete(target: Target, options: object = {}): Promise<KubeObject> {
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', ...options };
    return this.#json({ method: 'DELETE', path: pathOf(target), body, about: target });
  }

  /** Any request to any path, its answer as text. */
  async raw(method: string, path: string, body?: string, accept = 'application/json, */*'): Promise<string> {
    const answer = await this.send({ method, path, accept, ...given({ body }) });
    return answer.body.toString('utf8');
  }

  async json(path: string, accept?: string): Promise<any> {
    return this.#json({ method: 'GET', path, ...given({ accept }) });
  }

  /**
   * Watches until the server ends it or the signal aborts. `onEvent` may be called with ERROR events.
   * @param accept such as the Table form
   */
  async watch(
    target: Target,
    query: Query,
    onEvent: (event: { readonly type: string; readonly object: any }) => void,
    signal: AbortSignal,
    accept = 'application/json',
  ): Promise<void> {
    const path = pathOf(target, { ...query, watch: true });
    const { trace } = this.#options;
    trace?.(`GET ${path}`);
    const response = await this.transport.stream(path, signal, { accept });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const lines = new LineSplitter((line) => onEvent(readJson(line)));
    response.on('data', (chunk: Buffer) => {
      try {
        lines.push(chunk);
      } catch (error) {
        response.destroy();
        reject(error);
      }
    });
    response.once('close', () => resolve());
    response.once('error', (error) => (signal.aborted ? resolve() : reject(error)));
    await promise;
  }

  /** Waits between two looks at something; the process stays alive meanwhile. */
  async pause(ms: number): Promise<void> {
    const hold = new MessageChannel();
    hold.port1.ref();
    hold.port1.on('message', () => undefined);
    try {
      await this.#options.clock.sleep(ms, this.#options.signal);
    } finally {
      hold.port1.close();
    }
  }

  /** Sends once, and again when the server asks to; 4xx and 5xx throw. */
  async send(sent: Sent): Promise<HttpAnswer> {
    const { clock, signal, trace } = this.#options;
    const { method, path, about, contentType = 'application/json' } = sent;
    const body =
      sent.body === undefined || typeof sent.body === 'string' || sent.body instanceof Uint8Array
        ? sent.body
        : writeJson(sent.body);
    for (let attempt = 0; ; attempt++) {
      const start = clock.monotonic();
      const answer = await this.transport.send({
        method,
        path,
        headers: {
          accept: sent.accept ?? 'application/json',
          ...(body === undefined ? {} : { 'content-type': contentType }),
        },
        ...given({ body }),
        signal,
      });
      trace?.(`${method} ${path} ${answer.status} in ${Math.round(clock.monotonic() - start)} milliseconds`);
      this.#heed(answer);
      if (answer.status < 400) return answer;
      const seconds = Number(answer.headers['retry-after'] ?? 0);
      const mayRetry = answer.status === 429 || answer.status >= 500;
      if (!mayRetry || !(seconds > 0) || attempt === maxRetries || sent.once === true) {
        const failed = {
          method,
          group: about?.mapping.group ?? '',
          resource: about?.mapping.resource ?? '',
          name: about?.name ?? '',
        };
        throw errorOfResponse(answer.status, answer.body.toString('utf8'), failed, seconds);
      }
      await this.pause(seconds * 1_000);
    }
  }

  async #json(sent: Sent): Promise<any> {
    const answer = await this.send(sent);
    return readJson(answer.body.toString('utf8'));
  }

  /** Shows the server's warnings (RFC 7234 code 299), each once. */
  #heed(answer: HttpAnswer): void {
    const header = answer.headers['warning'];
    const texts = Array.isArray(header) ? header.join(',') : (header ?? '');
    for (const [, quoted = ''] of texts.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
      const text = quoted.replaceAll(/\\(.)/g, '$1');
      if (this.#warned.has(text)) continue;
      this.#warned.add(text);
      this.#options.warn(text);
    }
  }
}

/** Path and query of a target. */
export function pathOf(target: Target, query: Query = {}): string {
  const { mapping, namespace, name, subresource } = target;
  const path = resourcePath({
    group: mapping.group,
    version: mapping.version,
    resource: mapping.resource,
    ...given({ namespace, name, subresource }),
  });
  const texts = Object.entries(query).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [[key, String(value)] as const],
  );
  return path + optionsQuery(undefined, Object.fromEntries(texts));
}

/** The object without what is undefined. */
export function given<T extends object>(parts: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const defined = Object.entries(parts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
