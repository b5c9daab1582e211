import { decodePem, type KeyUsage, readCertificate } from '@coxswain/pki';

const minute = 60_000;
/** Certificates begin this long ago, so that a node whose clock lags a little takes them. */
const backdateMs = 5 * minute;
/** Shorter lives than this are counted from now, longer ones from the backdated start. */
const shortMs = 8 * 60 * minute;
/** No certificate is shorter, whatever `expirationSeconds` says. */
const shortestMs = 10 * minute;

/** From when until when a certificate is good, in milliseconds since 1970. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * As long as was asked for, or as signers sign unasked, and never longer than the authority itself.
 * Throws `Error` when the authority is over. Source: PermissiveSigningPolicy. Pure.
 */
export function validityOf(
  askedSeconds: number | undefined,
  longestMs: number,
  authority: string,
  now: number,
): Validity {
  const asked = askedSeconds === undefined ? longestMs : askedSeconds * 1000;
  const life = asked >= longestMs ? longestMs : Math.max(shortestMs, asked);
  const end = readCertificate(decodePem(authority)[0]!.der).notAfter;
  const notBefore = now - backdateMs;
  if (notBefore >= end) throw new Error(`the signer has expired: NotAfter=${instant(end)}`);
  if (now >= end) {
    throw new Error(`refusing to sign a certificate that expired in the past: NotAfter=${instant(end)}`);
  }
  const notAfter = life < shortMs ? now + life : now + life - backdateMs;
  return { notBefore, notAfter: Math.min(notAfter, end) };
}

/** An instant as Go prints one. */
function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

/** Key usages by the names of the API. */
const keyUsages: ReadonlyMap<string, KeyUsage> = new Map([
  ['signing', 'digitalSignature'],
  ['digital signature', 'digitalSignature'],
  ['content commitment', 'contentCommitment'],
  ['key encipherment', 'keyEncipherment'],
  ['key agreement', 'keyAgreement'],
  ['data encipherment', 'dataEncipherment'],
  ['cert sign', 'keyCertSign'],
  ['crl sign', 'cRLSign'],
  ['encipher only', 'encipherOnly'],
  ['decipher only', 'decipherOnly'],
]);

/** Extended key usages likewise, in the order in which a certificate lists them. */
const extendedKeyUsages: ReadonlyMap<string, string> = new Map([
  ['any', '2.5.29.37.0'],
  ['server auth', '1.3.6.1.5.5.7.3.1'],
  ['client auth', '1.3.6.1.5.5.7.3.2'],
  ['code signing', '1.3.6.1.5.5.7.3.3'],
  ['email protection', '1.3.6.1.5.5.7.3.4'],
  ['s/mime', '1.3.6.1.5.5.7.3.4'],
  ['ipsec end system', '1.3.6.1.5.5.7.3.5'],
  ['ipsec tunnel', '1.3.6.1.5.5.7.3.6'],
  ['ipsec user', '1.3.6.1.5.5.7.3.7'],
  ['timestamping', '1.3.6.1.5.5.7.3.8'],
  ['ocsp signing', '1.3.6.1.5.5.7.3.9'],
  ['microsoft sgc', '1.3.6.1.4.1.311.10.3.3'],
  ['netscape sgc', '2.16.840.1.113730.4.1'],
]);

/** What a certificate may be used for. */
export interface CertificateUsages {
  readonly keyUsages: readonly KeyUsage[];
  readonly extendedKeyUsages: readonly string[];
}

/** The usages that a request names. Throws `Error` where it names others. Pure. */
export function usagesOf(names: readonly string[]): CertificateUsages {
  const unknown = names.filter((name) => !keyUsages.has(name) && !extendedKeyUsages.has(name));
  if (unknown.length > 0) {
    const quoted = unknown.map((name) => JSON.stringify(name)).join(' ');
    throw new Error(`unrecognized usage values: [${quoted}]`);
  }
  const extended = [...extendedKeyUsages].filter(([name]) => names.includes(name)).map(([, id]) => id);
  return {
    keyUsages: [...keyUsages].filter(([name]) => names.includes(name)).map(([, usage]) => usage),
    extendedKeyUsages: [...new Set(extended)],
  };
}
