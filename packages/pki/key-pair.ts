import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A private key and the certificate that names its public half, both as PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

/** A new P-256 key: the smallest that every TLS client takes, and the quickest to sign with. */
export function generateKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
}

export function keyToPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** SubjectPublicKeyInfo of a private or public key. */
export function publicKeyDer(key: KeyObject): Buffer {
  const publicKey = key.type === 'public' ? key : createPublicKey(key);
  return publicKey.export({ type: 'spki', format: 'der' });
}

/** Names a public key: base64url of SHA-256 of its SubjectPublicKeyInfo, as service account tokens do. */
export function keyId(key: KeyObject): string {
  return createHash('sha256').update(publicKeyDer(key)).digest('base64url');
}
