import type { Claims } from '@coxswain/pki';
import { TokenError } from '../token.ts';
import { jsonKind } from './compact-jwt.ts';

/** What the claims of an ID token say about the token; times in seconds since 1970. */
export interface IdTokenClaims {
  readonly audiences: readonly string[];
  /** Absent where it does not say. */
  readonly expiry?: number;
  readonly notBefore?: number;
}

/**
 * Reads the claims that every ID token has, as upstream's library reads them into its structure: a claim of another
 * type makes the whole token bad.
 * @throws {TokenError} in that library's words
 */
export function readIdTokenClaims(claims: Claims): IdTokenClaims {
  let audiences: readonly string[] = [];
  const times: Record<string, number> = {};
  /** Go reads on after a value that does not fit, but not after one that reads itself. */
  let misfit: string | undefined;
  for (const [name, value] of Object.entries(claims)) {
    if (name === 'aud') audiences = audienceOf(value);
    else if (timeClaims.has(name)) {
      if (name !== 'nbf' || value !== null) times[name] = timeOf(name, value);
    } else misfit ??= misfitOf(name, value);
  }
  if (misfit !== undefined) throw unreadable(misfit);
  checkSources(claims);
  return {
    audiences,
    ...(times['exp'] === undefined ? {} : { expiry: times['exp'] }),
    ...(times['nbf'] === undefined ? {} : { notBefore: times['nbf'] }),
  };
}

const timeClaims: ReadonlySet<string> = new Set(['exp', 'iat', 'nbf']);
const textClaims: ReadonlySet<string> = new Set(['iss', 'sub', 'nonce', 'at_hash']);

function unreadable(why: string): TokenError {
  return new TokenError(`oidc: verify token: oidc: failed to unmarshal claims: ${why}`);
}

function cannot(value: unknown, into: string): string {
  return `json: cannot unmarshal ${jsonKind(value)} into Go ${into}`;
}

/** Why a claim does not fit the structure; undefined where it does, or is none of it. */
function misfitOf(name: string, value: unknown): string | undefined {
  if (value === null) return undefined;
  if (textClaims.has(name)) {
    return typeof value === 'string'
      ? undefined
      : cannot(value, `struct field idToken.${name} of type string`);
  }
  if (name === '_claim_names') {
    return misfitInMap(value, name, 'map[string]string', (one) =>
      typeof one === 'string' ? undefined : cannot(one, `struct field idToken.${name} of type string`),
    );
  }
  if (name !== '_claim_sources') return undefined;
  return misfitInMap(value, name, 'map[string]oidc.claimSource', (one) => misfitOfSource(one, name));
}

function misfitInMap(
  value: unknown,
  name: string,
  type: string,
  misfit: (member: unknown) => string | undefined,
): string | undefined {
  if (!isObject(value)) return cannot(value, `struct field idToken.${name} of type ${type}`);
  for (const member of Object.values(value)) {
    const found = member === null ? undefined : misfit(member);
    if (found !== undefined) return found;
  }
  return undefined;
}

function misfitOfSource(source: unknown, name: string): string | undefined {
  if (!isObject(source)) return cannot(source, `struct field idToken.${name} of type oidc.claimSource`);
  const wrong = ['endpoint', 'access_token'].find(
    (one) => !['string', 'undefined'].includes(typeof source[one]),
  );
  if (wrong === undefined || source[wrong] === null) return undefined;
  return cannot(source[wrong], `struct field claimSource.${name}.${wrong} of type string`);
}

function audienceOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (value === null) return [''];
  if (!Array.isArray(value)) throw unreadable(cannot(value, 'struct field idToken.aud of type []string'));
  const wrong = value.find((one) => one !== null && typeof one !== 'string');
  if (wrong !== undefined) throw unreadable(cannot(wrong, 'struct field idToken.aud of type string'));
  return value.map((one: string | null) => one ?? '');
}

/** Seconds; a text that is a number counts as one. */
function timeOf(name: string, value: unknown): number {
  if (typeof value === 'number') return Math.trunc(value);
  if (value === null) throw unreadable('strconv.ParseFloat: parsing "": invalid syntax');
  if (typeof value !== 'string')
    throw unreadable(cannot(value, `struct field idToken.${name} of type json.Number`));
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value)) return Math.trunc(Number(value));
  const literal = JSON.stringify(JSON.stringify(value));
  throw unreadable(`json: invalid number literal, trying to unmarshal ${literal} into Number`);
}

/** Claims that are elsewhere must say where. */
function checkSources(claims: Claims): void {
  const { _claim_names: names, _claim_sources: sources } = claims;
  for (const source of Object.values((names ?? {}) as Record<string, string | null>)) {
    if (!source) throw new TokenError('oidc: verify token: oidc: failed to obtain source from claim name');
    if (!Object.hasOwn((sources ?? {}) as object, source)) {
      throw new TokenError('oidc: verify token: oidc: source does not exist');
    }
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
