import { timingSafeEqual } from 'node:crypto';
import type { Clock, KubeObject } from '@coxswain/machinery';
import type { ObjectReader } from '../contract.ts';
import { groups } from '../users.ts';
import { agnosticAudiences, type TokenAuthentication, type TokenAuthenticator } from './token.ts';

const secrets = { group: '', resource: 'secrets' } as const;
const format = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const extraGroup = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

/** Tokens of joining nodes: Secrets of type `bootstrap.kubernetes.io/token` in kube-system. */
export class BootstrapTokens implements TokenAuthenticator {
  readonly #reader: ObjectReader;
  readonly #clock: Clock;
  readonly #audiences: readonly string[];

  constructor(reader: ObjectReader, clock: Clock, audiences: readonly string[]) {
    this.#reader = reader;
    this.#clock = clock;
    this.#audiences = audiences;
  }

  authenticateToken(token: string, asked?: readonly string[]): TokenAuthentication | undefined {
    const match = format.exec(token);
    if (match === null) return undefined;
    const [, id = '', secretPart = ''] = match;
    const audiences = agnosticAudiences(this.#audiences, asked);
    const secret = this.#reader.get(secrets, 'kube-system', `bootstrap-token-${id}`);
    if (audiences === undefined || secret === undefined || !this.#usable(secret, id, secretPart)) {
      return undefined;
    }
    const names = extraGroups(secret);
    if (names === undefined) return undefined;
    return {
      user: {
        name: `system:bootstrap:${id}`,
        groups: [groups.bootstrappers, ...names, groups.authenticated],
      },
      audiences,
    };
  }

  #usable(secret: KubeObject, id: string, secretPart: string): boolean {
    return (
      secret.metadata.deletionTimestamp === undefined &&
      secret['type'] === 'bootstrap.kubernetes.io/token' &&
      sameText(value(secret, 'token-secret'), secretPart) &&
      value(secret, 'token-id') === id &&
      !this.#expired(value(secret, 'expiration')) &&
      value(secret, 'usage-bootstrap-authentication') === 'true'
    );
  }

  /** An unreadable time counts as over, as upstream has it. */
  #expired(expiration: string): boolean {
    if (expiration === '') return false;
    return !rfc3339.test(expiration) || !(Date.parse(expiration) > this.#clock.now());
  }
}

function value(secret: KubeObject, key: string): string {
  const encoded: unknown = secret['data']?.[key];
  return typeof encoded === 'string' ? Buffer.from(encoded, 'base64').toString('utf8') : '';
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Undefined where one of them is none: the token is good for nobody then. */
function extraGroups(secret: KubeObject): readonly string[] | undefined {
  const text = value(secret, 'auth-extra-groups');
  const names = [...new Set(text === '' ? [] : text.split(','))].sort();
  return names.every((name) => extraGroup.test(name)) ? names : undefined;
}
