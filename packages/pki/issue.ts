import { createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { readSubjectKeyIdentifier } from './certificate.ts';
import { bitString, children, integer, oid, readElement, sequence, tag, time } from './der.ts';
import {
  type AltNames,
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsages,
  extensions,
  type KeyUsage,
  keyIdentifier,
  keyUsages,
  subjectAltNames,
  subjectKeyIdentifier,
  version3,
} from './extensions.ts';
import { generateKey, type KeyAndCertificate, keyToPem, publicKeyDer } from './key-pair.ts';
import { type DistinguishedName, encodeName } from './name.ts';
import { decodePem, encodePem } from './pem.ts';

/** An issuer that is loaded and ready to sign. */
export interface Issuer {
  readonly key: KeyObject;
  /** PEM of the CA certificate. */
  readonly certificate: string;
}

/** What goes into a certificate. */
export interface CertificateRequest extends AltNames {
  readonly subject: DistinguishedName;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** Those of a server or a user where none are named; an authority's also sign certificates. */
  readonly keyUsages?: readonly KeyUsage[];
  /** Object identifiers, see `extendedKeyUsage`. */
  readonly extendedKeyUsages?: readonly string[];
  readonly ca?: boolean;
}

const oids = { ecdsaWithSha256: '1.2.840.10045.4.3.2', rsaWithSha256: '1.2.840.113549.1.1.11' } as const;

function signatureAlgorithm(key: KeyObject): Buffer {
  return key.asymmetricKeyType === 'rsa'
    ? sequence(oid(oids.rsaWithSha256), Buffer.from([tag.null, 0]))
    : sequence(oid(oids.ecdsaWithSha256));
}

/** The name of an authority, and what it calls its key; it need not call it anything. */
interface IssuerParts {
  readonly name: Uint8Array;
  readonly keyId: Uint8Array | undefined;
}

function issuerParts(certificate: string): IssuerParts {
  const der = decodePem(certificate)[0]?.der;
  if (der === undefined) throw new Error('reading the CA certificate: no PEM block');
  const fields = children(children(readElement(der))[0]!);
  return { name: fields[5]!.whole, keyId: readSubjectKeyIdentifier(fields) };
}

/**
 * Signs a certificate (RFC 5280) over a public key and gives it as PEM.
 * Without an issuer it signs itself, which needs the private key.
 */
export function signCertificate(request: CertificateRequest, key: KeyObject, issuer?: Issuer): string {
  const publicKey = publicKeyDer(key);
  const subject = encodeName(request.subject);
  const signer = issuer?.key ?? key;
  const from: IssuerParts =
    issuer === undefined
      ? { name: subject, keyId: keyIdentifier(publicKey) }
      : issuerParts(issuer.certificate);
  const algorithm = signatureAlgorithm(signer);
  // 63 random bits, positive and without a leading zero byte
  const serial = randomBytes(8);
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  const tbs = sequence(
    version3,
    integer(serial),
    algorithm,
    from.name,
    sequence(time(request.notBefore), time(request.notAfter)),
    subject,
    publicKey,
    extensions(extensionList(request, publicKey, from.keyId)),
  );
  const signature = sign('sha256', tbs, signer);
  return encodePem('CERTIFICATE', sequence(tbs, algorithm, bitString(signature)));
}

const leafUsages: readonly KeyUsage[] = ['digitalSignature', 'keyEncipherment'];

function extensionList(
  request: CertificateRequest,
  publicKey: Buffer,
  issuerKeyId: Uint8Array | undefined,
): Buffer[] {
  const usages = request.extendedKeyUsages ?? [];
  const bits = request.keyUsages ?? (request.ca ? [...leafUsages, 'keyCertSign' as const] : leafUsages);
  return [
    ...(bits.length === 0 ? [] : [keyUsages(bits)]),
    ...(usages.length === 0 ? [] : [extendedKeyUsages(usages)]),
    basicConstraints(request.ca ?? false),
    ...(request.ca ? [subjectKeyIdentifier(keyIdentifier(publicKey))] : []),
    ...(issuerKeyId === undefined ? [] : [authorityKeyIdentifier(issuerKeyId)]),
    ...subjectAltNames(request, children(readElement(encodeName(request.subject))).length === 0),
  ];
}

/** Generates a key and issues a certificate for it. */
export function issue(request: CertificateRequest, issuer?: Issuer): KeyAndCertificate {
  const key = generateKey();
  return { key: keyToPem(key), certificate: signCertificate(request, key, issuer) };
}

/** Loads an issuer from PEM. */
export function loadIssuer(pair: KeyAndCertificate): Issuer {
  return { key: createPrivateKey(pair.key), certificate: pair.certificate };
}
