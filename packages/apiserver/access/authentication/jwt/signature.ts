import { constants, type KeyObject, verify } from 'node:crypto';
import type { IssuerKey } from './json-web-key.ts';

interface Algorithm {
  readonly keyType: 'rsa' | 'ec';
  readonly digest: string;
  /** Of elliptic keys. */
  readonly curve?: string;
  readonly pss?: boolean;
}

const rsa = (digest: string, pss = false): Algorithm => ({ keyType: 'rsa', digest, pss });
const ec = (digest: string, curve: string): Algorithm => ({ keyType: 'ec', digest, curve });

/** RFC 7518, the asymmetric ones that upstream takes. */
const algorithms: ReadonlyMap<string, Algorithm> = new Map([
  ['ES256', ec('sha256', 'prime256v1')],
  ['ES384', ec('sha384', 'secp384r1')],
  ['ES512', ec('sha512', 'secp521r1')],
  ['PS256', rsa('sha256', true)],
  ['PS384', rsa('sha384', true)],
  ['PS512', rsa('sha512', true)],
  ['RS256', rsa('sha256')],
  ['RS384', rsa('sha384')],
  ['RS512', rsa('sha512')],
]);

/** Names of the algorithms that may sign tokens, sorted. */
export const signingAlgorithms: readonly string[] = [...algorithms.keys()];

/** A text, and what its signature is said to be. */
export interface Signed {
  readonly text: string;
  readonly algorithm: string;
  /** '' where it is not said. */
  readonly keyId: string;
  readonly signature: Buffer;
}

/** Whether one of the keys made the signature. */
export function verifySignature(signed: Signed, keys: readonly IssuerKey[]): boolean {
  const { algorithm: name, keyId } = signed;
  const algorithm = algorithms.get(name);
  if (algorithm === undefined) return false;
  return keys.some(
    ({ id, key }) => (keyId === '' || keyId === id) && fits(key, algorithm) && holds(signed, key, algorithm),
  );
}

function fits(key: KeyObject, { keyType, curve }: Algorithm): boolean {
  if (key.asymmetricKeyType !== keyType) return false;
  return curve === undefined || key.asymmetricKeyDetails?.namedCurve === curve;
}

function holds({ text, signature }: Signed, key: KeyObject, { keyType, digest, pss }: Algorithm): boolean {
  const using =
    keyType === 'ec'
      ? { key, dsaEncoding: 'ieee-p1363' as const }
      : pss === true
        ? {
            key,
            padding: constants.RSA_PKCS1_PSS_PADDING,
            saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
          }
        : key;
  return verify(digest, Buffer.from(text), using, signature);
}
