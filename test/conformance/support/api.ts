import assert from 'node:assert/strict';
import { Agent } from 'node:https';
import { loadKubeconfig } from '@coxswain/client';
import { askHttps } from '@coxswain/pki/testing';
import { eventually } from '../../e2e/support/cluster.ts';
import { WatchLog } from './watch-log.ts';

/** A response as it came over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON; undefined when it is not. */
  readonly body: any;
}

export interface CallOptions {
  readonly accept?: string;
  readonly contentType?: string;
  /** A bearer token in place of the administrator's certificate. */
  readonly token?: string;
}

export const jsonPatch = 'application/json-patch+json';
export const mergePatch = 'application/merge-patch+json';
export const strategicPatch = 'application/strategic-merge-patch+json';
export const applyPatch = 'application/apply-patch+yaml';

/** The API as its wire protocol has it: paths, verbs, bodies. */
export class Api {
  readonly #path: string;
  #connection: { server: URL; admin: Agent; anonymous: Agent } | undefined;

  constructor(kubeconfig: string) {
    this.#path = kubeconfig;
  }

  async call(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<Answer> {
    const { server, admin, anonymous } = this.#connect();
    const headers: Record<string, string> = { accept: options.accept ?? 'application/json' };
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    if (text !== undefined) {
      headers['content-type'] = options.contentType ?? 'application/json';
      headers['content-length'] = String(Buffer.byteLength(text));
    }
    if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`;
    const agent = options.token === undefined ? admin : anonymous;
    const answer = await askHttps(new URL(path, server).href, { method, headers, agent }, text);
    return { status: answer.code, headers: answer.headers, text: answer.body, body: parse(answer.body) };
  }

  get(path: string): Promise<any> {
    return this.#succeed('GET', path);
  }

  create(path: string, body: object): Promise<any> {
    return this.#succeed('POST', path, body);
  }

  update(path: string, body: object): Promise<any> {
    return this.#succeed('PUT', path, body);
  }

  patch(path: string, body: unknown, contentType = mergePatch): Promise<any> {
    return this.#succeed('PATCH', path, body, { contentType });
  }

  delete(path: string, options?: object): Promise<any> {
    return this.#succeed('DELETE', path, options);
  }

  /** Reads, changes and writes until no other writer came between, as clients do that race with controllers. */
  async change(path: string, mutate: (object: any) => void): Promise<any> {
    return eventually(`a write of ${path} without conflict`, async () => {
      const object = await this.get(path);
      mutate(object);
      const answer = await this.call('PUT', path, object);
      if (answer.status === 409) return undefined;
      assert.ok(answer.status < 300, `PUT ${path}: ${answer.status} ${answer.text}`);
      return answer.body;
    });
  }

  /** Waits until the object at the path fulfils the condition; gives the object. */
  until(what: string, path: string, condition: (object: any) => unknown): Promise<any> {
    return eventually(what, async () => {
      const object = await this.get(path);
      return condition(object) ? object : undefined;
    });
  }

  async gone(path: string): Promise<void> {
    await eventually(`${path} is gone`, async () => (await this.call('GET', path)).status === 404);
  }

  /** Begins a watch; its first event may come before this resolves. */
  async watch(path: string, query: Record<string, string | number> = {}): Promise<WatchLog> {
    const { server, admin } = this.#connect();
    const url = new URL(path, server);
    for (const [key, value] of Object.entries({ ...query, watch: 'true' })) {
      url.searchParams.set(key, String(value));
    }
    return WatchLog.open(url, admin);
  }

  close(): void {
    this.#connection?.admin.destroy();
    this.#connection?.anonymous.destroy();
  }

  async #succeed(method: string, path: string, body?: unknown, options?: CallOptions): Promise<any> {
    const answer = await this.call(method, path, body, options);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  #connect(): { server: URL; admin: Agent; anonymous: Agent } {
    if (this.#connection === undefined) {
      const { server, ca, cert, key } = loadKubeconfig(this.#path);
      const trust = { keepAlive: true, ca: ca as Buffer };
      this.#connection = {
        server: new URL(server),
        admin: new Agent({ ...trust, cert: cert as Buffer, key: key as Buffer }),
        anonymous: new Agent(trust),
      };
    }
    return this.#connection;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
