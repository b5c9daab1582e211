import type { TLSSocket } from 'node:tls';
import type { Client } from '@coxswain/client';
import { LruCache } from '@coxswain/controller';
import type { Clock } from '@coxswain/machinery';
import { ServerError } from './server-error.ts';

interface Caller {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** How long the API server's word is good for, as upstream's kubelet has it. */
const tokenTtlMs = 120_000;
const allowedTtlMs = 300_000;
const deniedTtlMs = 30_000;

interface Cached<T> {
  readonly value: T;
  readonly expires: number;
}

/** Asks the API server who calls, unless a client certificate says so, and whether they may. */
export class DelegatedAccess {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #nodeName: string;
  readonly #tokens = new LruCache<Cached<Caller | undefined>>(1000);
  readonly #decisions = new LruCache<Cached<boolean>>(1000);

  constructor(client: Client, clock: Clock, nodeName: string) {
    this.#client = client;
    this.#clock = clock;
    this.#nodeName = nodeName;
  }

  /** Resolves when the request may go on; rejects with a `ServerError` of 401 or 403. */
  async check(
    socket: TLSSocket,
    authorization: string | undefined,
    method: string,
    path: string,
  ): Promise<void> {
    const caller = callerOf(socket) ?? (await this.#callerOfToken(authorization));
    if (!caller) throw new ServerError(401, 'Unauthorized');
    const verb = verbs[method] ?? 'get';
    const subresources = subresourcesOf(path);
    for (const subresource of subresources) if (await this.#allowed(caller, verb, subresource)) return;
    const asked = subresources.map((s) => `${s}`).join(', ');
    throw new ServerError(
      403,
      `Forbidden (user=${caller.username}, verb=${verb}, resource=nodes, subresource(s)=[${asked}])\n`,
    );
  }

  async #callerOfToken(authorization: string | undefined): Promise<Caller | undefined> {
    const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    return this.#remember(
      this.#tokens,
      token,
      () => tokenTtlMs,
      async () => {
        const reviews = this.#client.resource({
          group: 'authentication.k8s.io',
          version: 'v1',
          resource: 'tokenreviews',
        });
        const review = await reviews.create({
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenReview',
          metadata: {},
          spec: { token },
        });
        return review['status']?.authenticated ? (review['status'].user as Caller) : undefined;
      },
    );
  }

  #allowed(caller: Caller, verb: string, subresource: string): Promise<boolean> {
    const key = JSON.stringify([caller, verb, subresource]);
    return this.#remember(
      this.#decisions,
      key,
      (ok) => (ok ? allowedTtlMs : deniedTtlMs),
      async () => {
        const reviews = this.#client.resource({
          group: 'authorization.k8s.io',
          version: 'v1',
          resource: 'subjectaccessreviews',
        });
        const { username, uid, groups, extra } = caller;
        const review = await reviews.create({
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          metadata: {},
          spec: {
            user: username,
            groups,
            ...(uid ? { uid } : {}),
            ...(extra ? { extra } : {}),
            resourceAttributes: {
              verb,
              version: 'v1',
              resource: 'nodes',
              subresource,
              name: this.#nodeName,
            },
          },
        });
        return review['status']?.allowed === true;
      },
    );
  }

  async #remember<T>(
    cache: LruCache<Cached<T>>,
    key: string,
    ttl: (value: T) => number,
    ask: () => Promise<T>,
  ): Promise<T> {
    const known = cache.get(key);
    if (known && known.expires > this.#clock.now()) return known.value;
    const value = await ask();
    cache.set(key, { value, expires: this.#clock.now() + ttl(value) });
    return value;
  }
}

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** A verified client certificate names its bearer. */
function callerOf(socket: TLSSocket): Caller | undefined {
  if (!socket.authorized) return undefined;
  const subject = socket.getPeerCertificate().subject as { CN?: string; O?: string | string[] } | undefined;
  if (!subject?.CN) return undefined;
  const groups = subject.O === undefined ? [] : Array.isArray(subject.O) ? subject.O : [subject.O];
  return { username: subject.CN, groups: [...groups, 'system:authenticated'] };
}

/** The subresources of the node that a path stands for: any one that is allowed will do. */
function subresourcesOf(path: string): readonly string[] {
  const is = (prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);
  if (is('/stats')) return ['stats'];
  if (is('/metrics')) return ['metrics'];
  if (is('/logs')) return ['log'];
  if (is('/checkpoint')) return ['checkpoint'];
  if (is('/pods') || is('/runningpods')) return ['pods', 'proxy'];
  if (is('/healthz')) return ['healthz', 'proxy'];
  if (is('/configz')) return ['configz', 'proxy'];
  return ['proxy'];
}
