import { X509Certificate } from 'node:crypto';
import type { Clock } from '@coxswain/machinery';
import { extendedKeyUsage, readCertificate } from '@coxswain/pki';
import type { AuthenticationRequest } from '../../contract.ts';
import type { TrustedRoots } from './verify-chain.ts';

interface Chain {
  readonly leaf: X509Certificate;
  readonly others: readonly X509Certificate[];
  readonly commonName: string;
  /** Absent: not asked yet. */
  signed?: boolean;
}

/**
 * Whether clients' certificates come from one set of authorities. TLS accepts those of clients and those of
 * front proxies alike: which of the two it was has to be found out again, once a connection.
 */
export class PeerTrust {
  readonly #roots: TrustedRoots;
  readonly #clock: Clock;
  readonly #chains = new WeakMap<Uint8Array, Chain>();

  constructor(roots: TrustedRoots, clock: Clock) {
    this.#roots = roots;
    this.#clock = clock;
  }

  /** The common name of the request's certificate; undefined when there is none that these authorities signed. */
  commonName(request: AuthenticationRequest): string | undefined {
    const { peerCertificate, peerChain } = request;
    if (peerCertificate === undefined) return undefined;
    let chain = this.#chains.get(peerCertificate);
    if (chain === undefined) {
      chain = chainOf(peerCertificate, peerChain ?? []);
      this.#chains.set(peerCertificate, chain);
    }
    const now = this.#clock.now();
    chain.signed ??= this.#roots.verify(chain.leaf, chain.others, now);
    const { validFromDate, validToDate } = chain.leaf;
    const inTime = now >= validFromDate.getTime() && now <= validToDate.getTime();
    return chain.signed && inTime ? chain.commonName : undefined;
  }
}

function chainOf(der: Uint8Array, others: readonly Uint8Array[]): Chain {
  const { subject, extendedKeyUsages: usages } = readCertificate(der);
  const forClients =
    usages.length === 0 ||
    usages.includes(extendedKeyUsage.clientAuth) ||
    usages.includes(extendedKeyUsage.any);
  return {
    leaf: new X509Certificate(der),
    others: others.map((one) => new X509Certificate(one)),
    commonName: subject.commonName,
    ...(forClients ? {} : { signed: false }),
  };
}
