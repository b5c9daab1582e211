import { X509Certificate } from 'node:crypto';

/** Longer chains are refused: nobody has them, and each link costs a signature. */
const maxDepth = 8;

/** Certificates of authorities, read once from PEM. */
export class TrustedRoots {
  readonly #roots: readonly X509Certificate[];

  /** @throws when the text holds no certificate, or one that cannot be read */
  constructor(pem: string) {
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
    if (blocks.length === 0) throw new Error('data does not contain any valid RSA or ECDSA certificates');
    this.#roots = blocks.map((block) => new X509Certificate(block));
  }

  /**
   * Whether the certificate was signed, perhaps through those that came with it, by a trusted authority.
   * @param now milliseconds since 1970; every certificate on the way must hold then
   */
  verify(leaf: X509Certificate, others: readonly X509Certificate[], now: number): boolean {
    return holds(leaf, now) && this.#leads(leaf, others, now, maxDepth);
  }

  #leads(
    certificate: X509Certificate,
    others: readonly X509Certificate[],
    now: number,
    depth: number,
  ): boolean {
    if (this.#roots.some((root) => root.raw.equals(certificate.raw) && holds(root, now))) return true;
    if (this.#roots.some((root) => signed(certificate, root) && holds(root, now))) return true;
    if (depth === 0) return false;
    return others.some(
      (other) =>
        !other.raw.equals(certificate.raw) &&
        signed(certificate, other) &&
        holds(other, now) &&
        this.#leads(other, others, now, depth - 1),
    );
  }
}

function signed(certificate: X509Certificate, by: X509Certificate): boolean {
  return by.ca && certificate.checkIssued(by) && certificate.verify(by.publicKey);
}

function holds({ validFromDate, validToDate }: X509Certificate, now: number): boolean {
  return now >= validFromDate.getTime() && now <= validToDate.getTime();
}
