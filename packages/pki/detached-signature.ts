import { createHmac, timingSafeEqual } from 'node:crypto';

const encode = (text: string): string => Buffer.from(text).toString('base64url');

/**
 * A JSON Web Signature (RFC 7515, HS256) over a text that is not part of it: `HEADER..SIGNATURE`, as bootstrap
 * tokens sign the cluster's public kubeconfig.
 */
export function signDetached(content: string, keyId: string, secret: string): string {
  const header = encode(JSON.stringify({ alg: 'HS256', kid: keyId }));
  const signature = createHmac('sha256', secret)
    .update(`${header}.${encode(content)}`)
    .digest('base64url');
  return `${header}..${signature}`;
}

/** Whether `signature` was made over `content` with this secret. */
export function isDetachedSignature(
  signature: string,
  content: string,
  keyId: string,
  secret: string,
): boolean {
  const [given, wanted] = [Buffer.from(signature), Buffer.from(signDetached(content, keyId, secret))];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
