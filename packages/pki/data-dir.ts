import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@coxswain/machinery';
import { type CertificateFacts, extendedKeyUsage, readCertificate } from './certificate.ts';
import { DerError } from './der.ts';
import { type CertificateRequest, type Issuer, issue, signCertificate } from './issue.ts';
import { generateKey, type KeyAndCertificate, keyToPem } from './key-pair.ts';
import type { DistinguishedName } from './name.ts';
import { decodePem } from './pem.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** Certificates begin this long ago, so that a node whose clock lags a little takes them. */
const backdate = 5 * minute;

/** As upstream's tools: a CA lives ten years, what it issues one. */
const lifetime = { ca: 3650 * day, leaf: 365 * day } as const;

/** Leaves are issued anew when less than this share of their life is left. */
const renewAtShare = 0.2;

/** What names a certificate in the folder and what it is for. */
export interface LeafOptions {
  readonly subject: DistinguishedName;
  readonly usages: readonly ('server' | 'client')[];
  /** DNS names and IP addresses. A leaf that lacks one of them is issued anew. */
  readonly altNames?: readonly string[];
  /** Days; default 365. */
  readonly days?: number;
}

/** What is in the folder cannot be used, and must not be replaced. */
export class PkiDirError extends Error {
  override readonly name = 'PkiDirError';
  readonly code: 'PKI_INCOMPLETE' | 'PKI_DAMAGED';

  constructor(code: PkiDirError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Certificates and keys of one cluster in a folder that only the owner may enter. Asking for one that is
 * there gives it; one that is missing, near its end, foreign to its CA or short of a name is issued anew.
 */
export class PkiDir {
  readonly dir: string;
  readonly #clock: Clock;

  constructor(dir: string, clock: Clock) {
    this.dir = dir;
    this.#clock = clock;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    chmodSync(dir, 0o700);
  }

  /** Path of the certificate `name`. */
  certificatePath(name: string): string {
    return join(this.dir, `${name}.crt`);
  }

  /** Path of the key `name`. */
  keyPath(name: string): string {
    return join(this.dir, `${name}.key`);
  }

  /**
   * A CA, made when absent. A CA is never replaced, as everything that trusts it would break; a key without its
   * certificate, which a start that was killed leaves behind, gets another one.
   * @throws {PkiDirError} when the key is missing, or the two are no key and certificate that belong together
   */
  authority(name: string, commonName: string): Issuer {
    const found = this.#read(name);
    if (found !== undefined) return this.#load(name, found);
    const [keyPath, certificatePath] = [this.keyPath(name), this.certificatePath(name)];
    if (existsSync(certificatePath)) {
      const message = `read the authority "${certificatePath}": its key "${keyPath}" is missing`;
      throw new PkiDirError('PKI_INCOMPLETE', message);
    }
    const key = this.signingKey(name);
    const request = this.#request({ commonName }, lifetime.ca, { ca: true });
    writePrivate(certificatePath, signCertificate(request, this.#privateKey(keyPath, key)));
    return this.authority(name, commonName);
  }

  /** A key and its certificate, signed by `issuer`. */
  leaf(name: string, issuer: Issuer, options: LeafOptions): KeyAndCertificate {
    const found = this.#read(name);
    if (found !== undefined && this.#stillGood(found, issuer, options)) return found;
    const made = issue(
      this.#request(options.subject, (options.days ?? 365) * day, {
        altNames: options.altNames ?? [],
        extendedKeyUsages: options.usages.map((usage) =>
          usage === 'server' ? extendedKeyUsage.serverAuth : extendedKeyUsage.clientAuth,
        ),
      }),
      issuer,
    );
    this.#write(name, made);
    return made;
  }

  /** A bare signing key as PEM, made when absent. @throws {PkiDirError} when the file holds none */
  signingKey(name: string): string {
    const path = this.keyPath(name);
    if (existsSync(path)) {
      const found = readFileSync(path, 'utf8');
      this.#privateKey(path, found);
      return found;
    }
    const pem = keyToPem(generateKey());
    writePrivate(path, pem);
    return pem;
  }

  #load(name: string, pair: KeyAndCertificate): Issuer {
    const path = this.certificatePath(name);
    const key = this.#privateKey(this.keyPath(name), pair.key);
    let belongs: boolean;
    try {
      belongs = new X509Certificate(pair.certificate).checkPrivateKey(key);
    } catch (cause) {
      const message = `read the authority "${path}": ${(cause as Error).message}`;
      throw new PkiDirError('PKI_DAMAGED', message, { cause });
    }
    if (belongs) return { key, certificate: pair.certificate };
    const message = `read the authority "${path}": "${this.keyPath(name)}" is the key of another`;
    throw new PkiDirError('PKI_DAMAGED', message);
  }

  #privateKey(path: string, pem: string): KeyObject {
    try {
      return createPrivateKey(pem);
    } catch (cause) {
      throw new PkiDirError('PKI_DAMAGED', `read the key "${path}": ${(cause as Error).message}`, { cause });
    }
  }

  #request(subject: DistinguishedName, life: number, rest: Partial<CertificateRequest>): CertificateRequest {
    const now = this.#clock.now();
    return { subject, notBefore: now - backdate, notAfter: now + life, ...rest };
  }

  #read(name: string): KeyAndCertificate | undefined {
    const [keyPath, certificatePath] = [this.keyPath(name), this.certificatePath(name)];
    if (!existsSync(keyPath) || !existsSync(certificatePath)) return undefined;
    return { key: readFileSync(keyPath, 'utf8'), certificate: readFileSync(certificatePath, 'utf8') };
  }

  #write(name: string, pair: KeyAndCertificate): void {
    writePrivate(this.keyPath(name), pair.key);
    writePrivate(this.certificatePath(name), pair.certificate);
  }

  #stillGood(pair: KeyAndCertificate, issuer: Issuer, options: LeafOptions): boolean {
    const der = decodePem(pair.certificate)[0]?.der;
    if (der === undefined) return false;
    let facts: CertificateFacts;
    try {
      facts = readCertificate(der);
    } catch (error) {
      if (error instanceof DerError) return false;
      throw error;
    }
    const left = facts.notAfter - this.#clock.now();
    if (left < (facts.notAfter - facts.notBefore) * renewAtShare) return false;
    return isIssuedFor(der, issuer, options);
  }
}

function isIssuedFor(der: Buffer, issuer: Issuer, options: LeafOptions): boolean {
  const facts = readCertificate(der);
  const { commonName, organizations } = options.subject;
  return (
    facts.issuedBy(issuer.certificate) &&
    facts.subject.commonName === commonName &&
    (organizations ?? []).every((o) => facts.subject.organizations?.includes(o)) &&
    (options.altNames ?? []).every((name) => facts.altNames.includes(name))
  );
}

/** Writes beside and renames, so that a crash leaves the old file or the new one. */
function writePrivate(path: string, text: string): void {
  const beside = `${path}.new`;
  writeFileSync(beside, text, { mode: 0o600 });
  renameSync(beside, path);
}
