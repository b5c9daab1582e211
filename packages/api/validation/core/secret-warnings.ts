import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { KubeObject } from '@coxswain/machinery';
import type { Json } from '../values.ts';

const block = /-----BEGIN ([^-\r\n]+)-----\r?\n([\s\S]*?)-----END \1-----/g;

interface Block {
  readonly type: string;
  readonly text: string;
}

function blocksOf(base64: string | undefined): Block[] {
  const text = Buffer.from(base64 ?? '', 'base64').toString('latin1');
  return [...text.matchAll(block)].map(([whole, type]) => ({ type: type!, text: whole }));
}

/** A TLS secret whose key does not open its certificate: what Go's tls.X509KeyPair says of the two. */
export function secretWarnings(secret: KubeObject): string[] {
  if (secret['type'] !== 'kubernetes.io/tls') return [];
  const data: Json = secret['data'] ?? {};
  const problem = keyPairProblem(blocksOf(data['tls.crt']), blocksOf(data['tls.key']));
  return problem === undefined ? [] : [problem];
}

function keyPairProblem(certificates: readonly Block[], keys: readonly Block[]): string | undefined {
  const first = certificates.find((one) => one.type === 'CERTIFICATE');
  if (first === undefined) return missingCertificate(certificates);
  const key = keys.find((one) => one.type === 'PRIVATE KEY' || one.type.endsWith(' PRIVATE KEY'));
  if (key === undefined) return missingKey(keys);
  const certificate = certificateOf(first.text);
  if (certificate === undefined) return 'x509: malformed certificate';
  const privateKey = keyOf(key.text);
  if (privateKey === undefined) return 'tls: failed to parse private key';
  const wanted = certificate.publicKey.asymmetricKeyType;
  if (wanted !== privateKey.asymmetricKeyType) return 'tls: private key type does not match public key type';
  return certificate.checkPrivateKey(privateKey) ? undefined : 'tls: private key does not match public key';
}

function missingCertificate(blocks: readonly Block[]): string {
  if (blocks.length === 0) return 'tls: failed to find any PEM data in certificate input';
  if (blocks.length === 1 && blocks[0]!.type.endsWith('PRIVATE KEY')) {
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  }
  const skipped = blocks.map((one) => one.type).join(' ');
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${skipped}]`;
}

function missingKey(blocks: readonly Block[]): string {
  if (blocks.length === 0) return 'tls: failed to find any PEM data in key input';
  if (blocks.length === 1 && blocks[0]!.type === 'CERTIFICATE') {
    return 'tls: found a certificate rather than a key in the PEM for the private key';
  }
  const skipped = blocks.map((one) => one.type).join(' ');
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${skipped}]`;
}

function certificateOf(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined; // the parser tells by throwing
  }
}

function keyOf(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined; // the parser tells by throwing
  }
}
