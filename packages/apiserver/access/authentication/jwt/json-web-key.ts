import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { normalizeBase64 } from '@coxswain/api';
import { decodeBase64Url, jsonKind } from './compact-jwt.ts';

/** A public key of an issuer. */
export interface IssuerKey {
  /** `''` when the issuer does not name it. */
  readonly id: string;
  readonly key: KeyObject;
}

type Jwk = Readonly<Record<string, unknown>>;

const texts = new Set(['use', 'kty', 'kid', 'crv', 'alg', 'x5t', 'x5t#S256']);
/** Numbers and octets. */
const octets = new Set(['k', 'x', 'y', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi']);

/** Octets of a coordinate, by the names of curves. */
const curveSizes: Readonly<Record<string, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };

const fault = (text: string): Error => new Error(`square/go-jose: ${text}`);

/**
 * Reads a JSON Web Key (RFC 7517); undefined for one that no signature is held against: a secret, or of another kind.
 * @throws Error in the words of upstream's library when it is malformed
 */
export function readJsonWebKey(value: unknown): IssuerKey | undefined {
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    throw mismatch(value, 'jose.rawJSONWebKey');
  }
  const jwk = (value ?? {}) as Jwk;
  checkMembers(jwk);
  const chain = readChain(jwk['x5c']);
  checkKey(jwk, chain.length > 0);
  const { kty, kid, d } = jwk;
  const key = kty === 'RSA' || kty === 'EC' ? publicKey(jwk) : undefined;
  const [leaf] = chain;
  if (leaf !== undefined && key !== undefined && !key.equals(leaf.publicKey)) {
    throw fault('invalid JWK, public keys in key and x5c fields to not match');
  }
  checkThumbprints(jwk, leaf);
  if (key === undefined || present(d)) return undefined;
  return { id: typeof kid === 'string' ? kid : '', key };
}

const present = (value: unknown): boolean => value !== undefined && value !== null;

function mismatch(value: unknown, wanted: string): Error {
  return new Error(`json: cannot unmarshal ${jsonKind(value)} into Go value of type ${wanted}`);
}

/** Go's decoder reads on after what does not fit, unless it is a number or what octets cannot be read from. */
function checkMembers(jwk: Jwk): void {
  let first: Error | undefined;
  for (const [name, value] of Object.entries(jwk)) {
    if (value === null) continue;
    if (octets.has(name)) checkOctets(value);
    const wrong = wrongMember(name, value);
    if (wrong === undefined) continue;
    const error = mismatch(wrong.value, wrong.wanted);
    if (typeof wrong.value === 'number') throw error;
    first ??= error;
  }
  if (first !== undefined) throw first;
}

function checkOctets(value: unknown): void {
  if (typeof value !== 'string') throw mismatch(value, 'string');
  const decoded = decodeBase64Url(value);
  if ('fault' in decoded) throw new Error(decoded.fault);
}

function wrongMember(
  name: string,
  value: unknown,
): { readonly value: unknown; readonly wanted: string } | undefined {
  if (texts.has(name)) return typeof value === 'string' ? undefined : { value, wanted: 'string' };
  if (name === 'x5u') {
    return typeof value === 'object' && !Array.isArray(value) ? undefined : { value, wanted: 'url.URL' };
  }
  if (name !== 'x5c') return undefined;
  if (!Array.isArray(value)) return { value, wanted: '[]string' };
  const wrong: unknown[] = value.filter((one) => one !== null && typeof one !== 'string');
  if (wrong.length === 0) return undefined;
  return { value: wrong.find((one) => typeof one === 'number') ?? wrong[0], wanted: 'string' };
}

function readChain(value: unknown): readonly X509Certificate[] {
  return ((value ?? []) as readonly (string | null)[]).map((text) => {
    const within = 'failed to unmarshal x5c field:';
    const base64 = normalizeBase64(text ?? '');
    if (typeof base64 !== 'string') {
      throw fault(`${within} illegal base64 data at input byte ${base64.badOffset}`);
    }
    try {
      return new X509Certificate(Buffer.from(base64, 'base64'));
    } catch (cause) {
      throw new Error(`square/go-jose: ${within} x509: malformed certificate`, { cause });
    }
  });
}

function checkKey(jwk: Jwk, certified: boolean): void {
  const kty = textOf(jwk, 'kty');
  const crv = textOf(jwk, 'crv');
  const has = (...names: readonly string[]): boolean => names.every((name) => present(jwk[name]));
  switch (kty) {
    case 'EC':
      checkCurve(jwk, crv);
      return;
    case 'RSA': {
      if (has('d')) {
        const missing = ['n', 'e', 'd', 'p', 'q'].find((name) => !has(name));
        if (missing !== undefined) {
          throw fault(`invalid RSA private key, missing ${missing.toUpperCase()} value(s)`);
        }
      } else if (!has('n', 'e')) throw fault('invalid RSA key, missing n/e values');
      return;
    }
    case 'oct':
      if (certified) throw fault("invalid JWK, found 'oct' (symmetric) key with cert chain");
      if (!has('k')) throw fault('invalid OCT (symmetric) key, missing k value');
      return;
    case 'OKP':
      if (crv !== 'Ed25519' || !has('x')) throw fault(`unknown curve ${crv}'`);
      return;
    default:
      throw fault(`unknown json web key type '${kty}'`);
  }
}

function checkCurve(jwk: Jwk, curve: string): void {
  const size = Object.hasOwn(curveSizes, curve) ? curveSizes[curve] : undefined;
  if (size === undefined) throw fault(`unsupported elliptic curve '${curve}'`);
  const secret = present(jwk['d']);
  const what = secret ? 'EC private key' : 'EC public key';
  const names = secret ? ['x', 'y', 'd'] : ['x', 'y'];
  if (!names.every((name) => present(jwk[name]))) {
    throw fault(
      secret ? 'invalid EC private key, missing x/y/d values' : 'invalid EC key, missing x/y values',
    );
  }
  for (const name of names) {
    if (Buffer.from(textOf(jwk, name), 'base64url').length !== size) {
      throw fault(`invalid ${what}, wrong length for ${name}`);
    }
  }
  if (publicKey(jwk) === undefined) throw fault('invalid EC key, X/Y are not on declared curve');
}

function textOf(jwk: Jwk, name: string): string {
  return (jwk[name] ?? '') as string;
}

/** Undefined for one that this platform cannot hold: no signature can be made with it. */
function publicKey({ kty, crv, x, y, n, e }: Jwk): KeyObject | undefined {
  try {
    return createPublicKey({
      key: { kty, ...(kty === 'EC' ? { crv, x, y } : { n, e }) } as Jwk,
      format: 'jwk',
    });
  } catch {
    // what the fields must be was checked before; what is left is no key of anybody
    return undefined;
  }
}

/** Octets of a certificate's digests, by the members that hold them. */
const thumbprints = [
  ['x5t', 'sha1', 20],
  ['x5t#S256', 'sha256', 32],
] as const;

function checkThumbprints(jwk: Jwk, leaf: X509Certificate | undefined): void {
  const prints = thumbprints.map(([name, , size]) => readThumbprint(textOf(jwk, name), name, size));
  thumbprints.forEach(([name, , size], i) => {
    const length = prints[i]?.length ?? 0;
    if (length > 0 && length !== size) throw fault(`invalid JWK, ${name} header is of incorrect size`);
  });
  if (leaf === undefined) return;
  thumbprints.forEach(([name, algorithm], i) => {
    const print = prints[i] as Buffer;
    if (print.length > 0 && !createHash(algorithm).update(leaf.raw).digest().equals(print)) {
      throw fault(`invalid JWK, x5c thumbprint does not match ${name} value`);
    }
  });
}

/** Its octets; some write them as hexadecimal digits first. */
function readThumbprint(text: string, name: string, size: number): Buffer {
  const decoded = decodeBase64Url(text);
  if ('fault' in decoded) throw fault(`invalid JWK, ${name} header has invalid encoding`);
  if (decoded.bytes.length !== 2 * size) return decoded.bytes;
  const digits = decoded.bytes.toString('latin1');
  const bad = /[^\da-f]/i.exec(digits)?.[0];
  if (bad === undefined) return Buffer.from(digits, 'hex');
  const code = bad.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  throw fault(`invalid JWK, unable to hex decode ${name}: encoding/hex: invalid byte: U+${code} '${bad}'`);
}
