import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { keyId } from './key-pair.ts';

/** Any claims set. */
export type Claims = Readonly<Record<string, unknown>>;

/** A key that verifies, and its name and algorithm in a JWT header. */
export interface VerificationKey {
  readonly id: string;
  readonly algorithm: string;
  readonly key: KeyObject;
}

interface AlgorithmFacts {
  readonly digest: string;
  readonly dsaEncoding?: 'ieee-p1363';
}

const algorithms: Readonly<Record<string, AlgorithmFacts>> = {
  RS256: { digest: 'sha256' },
  ES256: { digest: 'sha256', dsaEncoding: 'ieee-p1363' },
  ES384: { digest: 'sha384', dsaEncoding: 'ieee-p1363' },
  ES512: { digest: 'sha512', dsaEncoding: 'ieee-p1363' },
};

const curveAlgorithms: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

function algorithmOf(key: KeyObject): string {
  if (key.asymmetricKeyType === 'rsa') return 'RS256';
  const algorithm = curveAlgorithms[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (algorithm === undefined)
    throw new Error('loading a service account key: neither RSA nor P-256, P-384, P-521');
  return algorithm;
}

/** A verification key from a private or public key in PEM. */
export function loadVerificationKey(pem: string): VerificationKey {
  const key = createPublicKey(pem);
  return { id: keyId(key), algorithm: algorithmOf(key), key };
}

/** Signs compact JWTs (RFC 7515) with one private key. */
export class JwtSigner {
  readonly #key: KeyObject;
  readonly #algorithm: string;
  readonly #header: string;

  constructor(pem: string) {
    this.#key = createPrivateKey(pem);
    this.#algorithm = algorithmOf(this.#key);
    this.#header = encodePart({ alg: this.#algorithm, kid: keyId(this.#key) });
  }

  sign(claims: Claims): string {
    const signed = `${this.#header}.${encodePart(claims)}`;
    const { digest, dsaEncoding } = algorithms[this.#algorithm] as AlgorithmFacts;
    const key = dsaEncoding === undefined ? this.#key : { key: this.#key, dsaEncoding };
    return `${signed}.${sign(digest, Buffer.from(signed), key).toString('base64url')}`;
  }
}

function encodePart(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decodePart(text: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Claims) : undefined;
  } catch {
    // not JSON: not a JWT
    return undefined;
  }
}

/** A JWT taken apart, its signature not yet checked. */
export interface ParsedJwt {
  readonly header: Claims;
  readonly claims: Claims;
  readonly signed: string;
  readonly signature: Buffer;
}

/** Takes a compact JWT apart; `undefined` when it is none. */
export function parseJwt(token: string): ParsedJwt | undefined {
  const last = token.lastIndexOf('.');
  const first = token.indexOf('.');
  if (first <= 0 || last <= first || token.indexOf('.', first + 1) !== last) return undefined;
  const header = decodePart(token.slice(0, first));
  const claims = decodePart(token.slice(first + 1, last));
  if (header === undefined || claims === undefined) return undefined;
  return {
    header,
    claims,
    signed: token.slice(0, last),
    signature: Buffer.from(token.slice(last + 1), 'base64url'),
  };
}

/** The keys that may have made the signature: the one that the header names, and all when it names none. */
export function keysOfJwt(jwt: ParsedJwt, keys: readonly VerificationKey[]): readonly VerificationKey[] {
  const id = jwt.header['kid'];
  return id === undefined || id === '' ? keys : keys.filter((key) => key.id === id);
}

/** Whether one of the keys made the signature; see `keysOfJwt`. */
export function verifyJwt(jwt: ParsedJwt, keys: readonly VerificationKey[]): boolean {
  return keysOfJwt(jwt, keys).some((key) => {
    const facts = algorithms[key.algorithm];
    if (facts === undefined || jwt.header['alg'] !== key.algorithm) return false;
    const { digest, dsaEncoding } = facts;
    const using = dsaEncoding === undefined ? key.key : { key: key.key, dsaEncoding };
    return verify(digest, Buffer.from(jwt.signed), using, jwt.signature);
  });
}
