import { X509Certificate } from 'node:crypto';

const block = /-----BEGIN ([^-]+)-----([\s\S]*?)-----END \1-----/g;

/** What keeps certificates in base64 of PEM from being trusted; undefined where there are none at all. */
export function caBundleFault(caBundle: string | undefined): string | undefined {
  if (caBundle === undefined || caBundle === '') return undefined;
  const blocks = [...Buffer.from(caBundle, 'base64').toString('utf8').matchAll(block)];
  const text = 'unable to load root certificates: unable to parse bytes as PEM block';
  if (blocks.length === 0) return text;
  let fault = text;
  for (const [pem, type] of blocks) {
    if (type !== 'CERTIFICATE') continue;
    try {
      new X509Certificate(pem);
      return undefined;
    } catch (error) {
      fault = `unable to load root certificates: failed to parse certificate: ${(error as Error).message}`;
    }
  }
  return fault;
}
