import { X509Certificate } from 'node:crypto';
import { children, contextTag, DerError, type Element, readElement, readOid, readTime } from './der.ts';
import { readGeneralName } from './general-name.ts';
import { type DistinguishedName, readName } from './name.ts';

/** Extended key usages by the names that flags and signers use. */
export const extendedKeyUsage = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  any: '2.5.29.37.0',
} as const;

/** What access decisions need of a certificate. */
export interface CertificateFacts {
  readonly subject: DistinguishedName;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
  /** Object identifiers; empty when the certificate does not limit its use. */
  readonly extendedKeyUsages: readonly string[];
  /** DNS names and IP addresses. */
  readonly altNames: readonly string[];
  /** Whether the key of this CA certificate (PEM) signed it. */
  issuedBy(authority: string): boolean;
}

const oids = {
  extendedKeyUsage: '2.5.29.37',
  subjectAltName: '2.5.29.17',
  subjectKeyIdentifier: '2.5.29.14',
} as const;

/** Reads a DER certificate (RFC 5280, 4.1). Throws `DerError`. */
export function readCertificate(der: Uint8Array): CertificateFacts {
  const tbs = children(readElement(der))[0];
  if (tbs === undefined) throw new DerError('reading certificate: no content');
  const fields = children(tbs);
  // version is explicit [0] and may be absent
  const base = fields[0]?.tag === contextTag(0) ? 1 : 0;
  const validity = fields[base + 3];
  const subject = fields[base + 4];
  if (validity === undefined || subject === undefined) throw new DerError('reading certificate: too short');
  const [notBefore, notAfter] = children(validity);
  if (notBefore === undefined || notAfter === undefined)
    throw new DerError('reading certificate: no validity');
  const extensions = fields.find((f) => f.tag === contextTag(3));
  const usages = findExtension(extensions, oids.extendedKeyUsage);
  const names = findExtension(extensions, oids.subjectAltName);
  return {
    subject: readName(subject),
    notBefore: readTime(notBefore),
    notAfter: readTime(notAfter),
    extendedKeyUsages: usages === undefined ? [] : children(usages).map(readOid),
    altNames: names === undefined ? [] : children(names).flatMap(readGeneralName),
    issuedBy: (authority) => new X509Certificate(der).verify(new X509Certificate(authority).publicKey),
  };
}

/** What the certificate with these fields calls its key (RFC 5280, 4.2.1.2), for those that it issues. */
export function readSubjectKeyIdentifier(fields: readonly Element[]): Uint8Array | undefined {
  const extensions = fields.find((field) => field.tag === contextTag(3));
  return findExtension(extensions, oids.subjectKeyIdentifier)?.contents;
}

/** The decoded value of an extension. */
function findExtension(extensions: Element | undefined, id: string): Element | undefined {
  const list = extensions === undefined ? undefined : children(extensions)[0];
  for (const extension of list === undefined ? [] : children(list)) {
    const parts = children(extension);
    if (readOid(parts[0]!) === id) return readElement(parts.at(-1)!.contents);
  }
  return undefined;
}
