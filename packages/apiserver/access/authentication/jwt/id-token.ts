import { goQuote } from '@coxswain/machinery';
import { TokenError } from '../token.ts';
import type { CompactJwt } from './compact-jwt.ts';
import { readIdTokenClaims } from './id-token-claims.ts';
import { readJose } from './jose-header.ts';
import type { RemoteKeySet } from './key-set.ts';
import { type Signed, verifySignature } from './signature.ts';

/** What an ID token must be. */
export interface IdTokenRules {
  /** It must be for at least one. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
}

/** A token may be used so long before it begins: clocks differ. */
const notBeforeLeewayMs = 60_000;

/**
 * Checks form, audience, times and signature of a token whose issuer is the right one, in upstream's order. Answers at
 * once when a key that is known made the signature; otherwise the keys are fetched anew.
 * @param now milliseconds since 1970
 * @throws {TokenError} with upstream's text, or rejects with it
 */
export function verifyIdToken(
  jwt: CompactJwt,
  rules: IdTokenRules,
  keys: RemoteKeySet,
  now: number,
): void | Promise<void> {
  const { algorithm, keyId, critical, signature } = readJose(jwt);
  const { audiences, expiry, notBefore } = readIdTokenClaims(jwt.claims);
  const forUs = (): void => {
    if (audiences.some((one) => rules.audiences.includes(one))) return;
    const [only] = rules.audiences;
    const wanted =
      rules.audiences.length === 1 ? goQuote(only as string) : `in ${goList([...rules.audiences].sort())}`;
    throw refusal(`oidc: expected audience ${wanted} got ${goList(audiences)}`);
  };
  // upstream's library looks for one audience, upstream itself for several, after all else
  if (rules.audiences.length === 1) forUs();
  if (expiry === undefined || expiry * 1000 < now) {
    throw refusal(`oidc: token is expired (Token Expiry: ${goTime(expiry)})`);
  }
  if (notBefore !== undefined && now + notBeforeLeewayMs < notBefore * 1000) {
    const text = `oidc: current time ${goTime(now / 1000)} before the nbf (not before) time: ${goTime(notBefore)}`;
    throw refusal(text);
  }
  if (!rules.algorithms.includes(algorithm)) {
    const text = `oidc: id token signed with unsupported algorithm, expected ${goList(rules.algorithms)} got ${goQuote(algorithm)}`;
    throw refusal(text);
  }
  const text = `${jwt.header}.${jwt.payload}`.replace(/\s/g, '');
  const signed: Signed = { text, algorithm, keyId, signature };
  if (!critical && verifySignature(signed, keys.known)) {
    forUs();
    return;
  }
  const unverified = (): TokenError =>
    refusal('failed to verify signature: failed to verify id token signature');
  if (keys.isFresh(now)) throw unverified();
  return keys.refresh().then(
    (fresh) => {
      if (critical || !verifySignature(signed, fresh)) throw unverified();
      forUs();
    },
    (error: Error) => {
      throw refusal(`failed to verify signature: fetching keys ${error.message}`);
    },
  );
}

function refusal(text: string): TokenError {
  return new TokenError(`oidc: verify token: ${text}`);
}

/** Go's %q of a list of texts. */
function goList(items: readonly string[]): string {
  return `[${items.map(goQuote).join(' ')}]`;
}

/** Go's text of a time; of none, the first of January of the year 1. @param seconds since 1970 */
function goTime(seconds: number | undefined): string {
  if (seconds === undefined) return '0001-01-01 00:00:00 +0000 UTC';
  return new Date(seconds * 1000)
    .toISOString()
    .replace('T', ' ')
    .replace(/(?:\.000)?Z$/, ' +0000 UTC');
}
