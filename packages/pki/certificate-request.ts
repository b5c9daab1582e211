import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import {
  bitString,
  children,
  contextTag,
  DerError,
  type Element,
  encode,
  integer,
  oid,
  readElement,
  readOid,
  readText,
  sequence,
  set,
} from './der.ts';
import { type AltNames, extensions, subjectAltNames } from './extensions.ts';
import { generalNameTag, ipText } from './general-name.ts';
import { publicKeyDer } from './key-pair.ts';
import { type DistinguishedName, encodeName, readName } from './name.ts';
import { encodePem } from './pem.ts';

const oids = {
  extensionRequest: '1.2.840.113549.1.9.14',
  subjectAltName: '2.5.29.17',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

/** A PKCS #10 request (RFC 2986) whose signature holds. */
export interface CertificateSigningRequestFacts {
  readonly subject: DistinguishedName;
  readonly publicKey: KeyObject;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
}

/** Writes a PKCS #10 request for a P-256 key as PEM. */
export function createCertificateRequest(
  key: KeyObject,
  subject: DistinguishedName,
  altNames: AltNames | readonly string[] = [],
): string {
  const names = subjectAltNames('length' in altNames ? { altNames } : altNames);
  const attributes =
    names.length === 0
      ? Buffer.alloc(0)
      : sequence(oid(oids.extensionRequest), set(children(readElement(extensions(names)))[0]!.whole));
  const info = sequence(
    integer(Buffer.from([0])),
    encodeName(subject),
    publicKeyDer(key),
    encode(contextTag(0), attributes),
  );
  const signature = sign('sha256', info, key);
  return encodePem(
    'CERTIFICATE REQUEST',
    sequence(info, sequence(oid(oids.ecdsaWithSha256)), bitString(signature)),
  );
}

/** The signature of a request is not of the key that it asks to be certified. */
export class RequestSignatureError extends DerError {
  /** As `KeyObject.asymmetricKeyType` tells it: `ec`, `rsa`, `ed25519`. */
  readonly keyType: string;

  constructor(keyType: string) {
    super('reading certificate request: the signature does not hold');
    this.keyType = keyType;
  }
}

const digests: Readonly<Record<string, string>> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
};

/** Reads a PKCS #10 request and checks that its sender has the private key. Throws `DerError`, `RequestSignatureError`. */
export function readCertificateRequest(der: Uint8Array): CertificateSigningRequestFacts {
  const [info, algorithm, signature] = children(readElement(der));
  if (info === undefined || algorithm === undefined || signature === undefined) {
    throw new DerError('reading certificate request: too short');
  }
  const [, subject, publicKeyInfo, attributes] = children(info);
  if (subject === undefined || publicKeyInfo === undefined) {
    throw new DerError('reading certificate request: too short');
  }
  const publicKey = createPublicKey({ key: Buffer.from(publicKeyInfo.whole), format: 'der', type: 'spki' });
  const digest = digests[readOid(children(algorithm)[0]!)] ?? null;
  if (!verify(digest, info.whole, publicKey, signature.contents.subarray(1))) {
    throw new RequestSignatureError(publicKey.asymmetricKeyType ?? '');
  }
  return { subject: readName(subject), publicKey, ...readAltNames(attributes) };
}

type AltNameFacts = Pick<
  CertificateSigningRequestFacts,
  'dnsNames' | 'ipAddresses' | 'emailAddresses' | 'uris'
>;

function readAltNames(attributes: Element | undefined): AltNameFacts {
  const names = { dnsNames: [], ipAddresses: [], emailAddresses: [], uris: [] } as {
    [key in keyof AltNameFacts]: string[];
  };
  for (const attribute of attributes === undefined ? [] : children(attributes)) {
    const [type, values] = children(attribute);
    if (type === undefined || values === undefined || readOid(type) !== oids.extensionRequest) continue;
    for (const extension of children(children(values)[0]!)) {
      const parts = children(extension);
      if (readOid(parts[0]!) !== oids.subjectAltName) continue;
      for (const name of children(readElement(parts.at(-1)!.contents))) addName(names, name);
    }
  }
  return names;
}

function addName(names: { [key in keyof AltNameFacts]: string[] }, name: Element): void {
  if (name.tag === generalNameTag.email) names.emailAddresses.push(readText(name));
  else if (name.tag === generalNameTag.dns) names.dnsNames.push(readText(name));
  else if (name.tag === generalNameTag.uri) names.uris.push(readText(name));
  else if (name.tag === generalNameTag.ip) names.ipAddresses.push(ipText(name.contents));
}
