import { createHash } from 'node:crypto';
import type { Clock, Histogram } from '@coxswain/machinery';
import { type CertificateFacts, extendedKeyUsage, readCertificate } from '@coxswain/pki';
import type { UserInfo } from '../contract.ts';
import { asAuthenticated, extraKeys } from '../users.ts';

interface Known {
  readonly facts: CertificateFacts;
  readonly user: UserInfo | undefined;
}

/** Users of client certificates: CN is the name, every O a group, one uid at most. The chain was verified by TLS. */
export class ClientCertificates {
  /** By the certificate's bytes, which one connection shares among its requests. */
  readonly #known = new WeakMap<Uint8Array, Known>();
  readonly #clock: Clock;

  readonly #expirations: Histogram | undefined;

  /** @param expirations is told for how many seconds the certificates of requests still hold */
  constructor(clock: Clock, expirations?: Histogram) {
    this.#clock = clock;
    this.#expirations = expirations;
  }

  /** @returns `undefined` when the certificate names nobody, is out of its time, or is not for clients */
  authenticate(der: Uint8Array): UserInfo | undefined {
    let known = this.#known.get(der);
    if (known === undefined) {
      const facts = readCertificate(der);
      known = { facts, user: userOf(facts, der) };
      this.#known.set(der, known);
    }
    const now = this.#clock.now();
    this.#expirations?.observe((known.facts.notAfter - now) / 1000);
    return now >= known.facts.notBefore && now <= known.facts.notAfter ? known.user : undefined;
  }
}

function userOf(facts: CertificateFacts, der: Uint8Array): UserInfo | undefined {
  const usages = facts.extendedKeyUsages;
  const forClients =
    usages.length === 0 ||
    usages.includes(extendedKeyUsage.clientAuth) ||
    usages.includes(extendedKeyUsage.any);
  const { commonName, organizations = [], uid, uids } = facts.subject;
  if (!forClients || commonName === '' || uid === '' || uids !== undefined) return undefined;
  return asAuthenticated({
    name: commonName,
    ...(uid === undefined ? {} : { uid }),
    groups: organizations,
    extra: { [extraKeys.credentialId]: [`X509SHA256=${createHash('sha256').update(der).digest('hex')}`] },
  });
}
