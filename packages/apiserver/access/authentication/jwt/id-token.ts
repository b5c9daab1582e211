import { goQuote } from '@coxswain/machinery';
import type { ParsedJwt } from '@coxswain/pki';
import { TokenError } from '../token.ts';
import type { RemoteKeySet } from './key-set.ts';
import { verifySignature } from './signature.ts';

/** What an ID token must be. */
export interface IdTokenRules {
  /** It must be for at least one. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
}

/** A token may be used so long before it begins: clocks differ. */
const notBeforeLeewayMs = 60_000;
const googleIssuer = 'accounts.google.com';

/** The issuer that a token claims to be from; Google's short name is its URL. */
export function issuerOf(jwt: ParsedJwt): string {
  const issuer = jwt.claims['iss'];
  if (issuer === googleIssuer) return `https://${googleIssuer}`;
  return typeof issuer === 'string' ? issuer : '';
}

/**
 * Checks times, audience and signature of a token whose issuer is the right one. Answers at once when a key
 * that is known made the signature; otherwise the keys are fetched anew.
 * @throws {TokenError} with upstream's text, or rejects with it
 */
export function verifyIdToken(
  jwt: ParsedJwt,
  rules: IdTokenRules,
  keys: RemoteKeySet,
  now: number,
): void | Promise<void> {
  const { exp, nbf, aud } = jwt.claims;
  const audiences = typeof aud === 'string' ? [aud] : Array.isArray(aud) ? aud : [];
  const forUs = (): void => {
    if (audiences.some((one) => rules.audiences.includes(one))) return;
    const [only] = rules.audiences;
    const wanted =
      rules.audiences.length === 1 ? goQuote(only as string) : `in ${goList([...rules.audiences].sort())}`;
    throw refusal(`oidc: expected audience ${wanted} got ${goList(audiences)}`);
  };
  // upstream's library looks for one audience, upstream itself for several, after all else
  if (rules.audiences.length === 1) forUs();
  const expiry = typeof exp === 'number' ? exp * 1000 : undefined;
  if (expiry === undefined || expiry < now) {
    throw refusal(`oidc: token is expired (Token Expiry: ${goTime(expiry)})`);
  }
  if (typeof nbf === 'number' && now + notBeforeLeewayMs < nbf * 1000) {
    const text = `oidc: current time ${goTime(now)} before the nbf (not before) time: ${goTime(nbf * 1000)}`;
    throw refusal(text);
  }
  const algorithm = jwt.header['alg'];
  if (!rules.algorithms.includes(algorithm as string)) {
    const text = `oidc: id token signed with unsupported algorithm, expected ${goList(rules.algorithms)} got ${goQuote(String(algorithm))}`;
    throw refusal(text);
  }
  if (verifySignature(jwt, keys.known)) {
    forUs();
    return;
  }
  return keys.refresh().then(
    (fresh) => {
      if (!verifySignature(jwt, fresh)) {
        throw refusal('failed to verify signature: failed to verify id token signature');
      }
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
function goList(items: readonly unknown[]): string {
  return `[${items.map((item) => goQuote(String(item))).join(' ')}]`;
}

/** Go's text of a time; of none, the first of January of the year 1. */
function goTime(ms: number | undefined): string {
  if (ms === undefined) return '0001-01-01 00:00:00 +0000 UTC';
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/(?:\.000)?Z$/, ' +0000 UTC');
}
