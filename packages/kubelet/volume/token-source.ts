import type { Client } from '@coxswain/client';
import { type Clock, isNotFound } from '@coxswain/machinery';
import type { Pod } from '../types.ts';

/** Tokens of service accounts, bound to a pod. */
export interface TokenSource {
  /** A token with most of its life before it. `audience` '' stands for the API server's own. */
  token(pod: Pod, audience: string, expirationSeconds: number): Promise<string>;
  forgetPod(uid: string): void;
}

interface Held {
  readonly token: string;
  /** ms since 1970. */
  readonly issued: number;
  readonly expires: number;
}

/** A token is renewed when it is a day old or has used 80 % of its life. */
const maxAgeMs = 24 * 3_600_000;

/** Asks the API server for tokens and keeps them while they are good. */
export class TokenManager implements TokenSource {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #held = new Map<string, Held>();

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  async token(pod: Pod, audience: string, expirationSeconds: number): Promise<string> {
    const account = pod.spec.serviceAccountName || 'default';
    const key = `${pod.metadata.uid}/${account}/${audience}/${expirationSeconds}`;
    const held = this.#held.get(key);
    const now = this.#clock.now();
    if (held && !needsRenewal(held, now)) return held.token;
    try {
      const fresh = await this.#request(pod, account, audience, expirationSeconds);
      this.#held.set(key, fresh);
      return fresh.token;
    } catch (error) {
      // One that still lives is better than none, until the server answers again.
      if (held && held.expires > now) return held.token;
      if (isNotFound(error)) this.#held.delete(key);
      throw new Error(`failed to fetch token: ${(error as Error).message}`, { cause: error });
    }
  }

  forgetPod(uid: string): void {
    for (const key of this.#held.keys()) if (key.startsWith(`${uid}/`)) this.#held.delete(key);
  }

  async #request(pod: Pod, account: string, audience: string, expirationSeconds: number): Promise<Held> {
    const { name, namespace = '', uid } = pod.metadata;
    const accounts = this.#client.resource(
      { group: '', version: 'v1', resource: 'serviceaccounts' },
      namespace,
    );
    const reply = await accounts.createSubresource(account, 'token', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        audiences: audience === '' ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    });
    const status = reply['status'] as { token: string; expirationTimestamp: string };
    return {
      token: status.token,
      issued: this.#clock.now(),
      expires: Date.parse(status.expirationTimestamp),
    };
  }
}

function needsRenewal({ issued, expires }: Held, now: number): boolean {
  if (now - issued > maxAgeMs) return true;
  return now > issued + (expires - issued) * 0.8;
}
