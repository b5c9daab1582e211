import { createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bitString, children, integer, oid, readElement, sequence, tag, time } from './der.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsages,
  extensions,
  keyIdentifier,
  keyUsage,
  keyUsageBit,
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
export interface CertificateRequest {
  readonly subject: DistinguishedName;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** DNS names and IP addresses. */
  readonly altNames?: readonly string[];
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

/** The subject of a certificate and its public key's identifier, for those that it issues. */
function issuerParts(certificate: string): { name: Uint8Array; keyId: Buffer } {
  const der = decodePem(certificate)[0]?.der;
  if (der === undefined) throw new Error('reading the CA certificate: no PEM block');
  const fields = children(children(readElement(der))[0]!);
  return { name: fields[5]!.whole, keyId: keyIdentifier(fields[6]!.whole) };
}

/**
 * Signs a certificate (RFC 5280) over a public key and gives it as PEM.
 * Without an issuer it signs itself, which needs the private key.
 */
export function signCertificate(request: CertificateRequest, key: KeyObject, issuer?: Issuer): string {
  const publicKey = publicKeyDer(key);
  const subject = encodeName(request.subject);
  const signer = issuer?.key ?? key;
  const from =
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

function extensionList(request: CertificateRequest, publicKey: Buffer, issuerKeyId: Buffer): Buffer[] {
  const usages = request.extendedKeyUsages ?? [];
  const altNames = request.altNames ?? [];
  return [
    request.ca
      ? keyUsage(keyUsageBit.digitalSignature, keyUsageBit.keyEncipherment, keyUsageBit.keyCertSign)
      : keyUsage(keyUsageBit.digitalSignature, keyUsageBit.keyEncipherment),
    ...(usages.length === 0 ? [] : [extendedKeyUsages(usages)]),
    basicConstraints(request.ca ?? false),
    ...(request.ca ? [subjectKeyIdentifier(keyIdentifier(publicKey))] : []),
    authorityKeyIdentifier(issuerKeyId),
    ...(altNames.length === 0 ? [] : [subjectAltNames(altNames)]),
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
