import type { Transport } from '@coxswain/client';
import type { Clock, Logger } from '@coxswain/machinery';
import type { Access } from './access/access.ts';
import { publishTrust, type TrustPublisher } from './access/authentication/front-proxy/trust-publisher.ts';
import type { ObjectReader } from './access/contract.ts';
import type { ApiServerOptions } from './api-server-options.ts';
import { authenticationConfigMap, type RequestHeaderOptions } from './bootstrap/authentication-config-map.ts';
import {
  type CertificateFiles,
  followCertificates,
  type TlsMaterial,
} from './http/listener/follow-certificates.ts';
import type { Listener } from './http/listener/server.ts';

/** By whose certificates a server knows clients and front proxies. */
export interface Trusted {
  /** PEM; `''`: no client is known by a certificate. */
  readonly clientCa: string;
  /** How front proxies tell whom they speak for. */
  readonly requestHeader: RequestHeaderOptions | undefined;
}

export interface ServingTrustOptions {
  readonly trusted: Trusted;
  /** Whether this server itself listens to front proxies, and not only tells others of them. */
  readonly hearsProxies: boolean;
  readonly access: Pick<Access, 'renewTrust'>;
  readonly reader: ObjectReader;
  /** Acts for the server itself. */
  readonly transport: Transport;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Tells other servers of the cluster whom this one trusts, and exchanges certificates while it runs. */
export class ServingTrust {
  readonly #options: ServingTrustOptions;
  readonly #publisher: TrustPublisher;
  #trusted: Trusted;
  #stopFollowing: (() => void) | undefined;

  constructor(options: ServingTrustOptions) {
    this.#options = options;
    this.#trusted = options.trusted;
    const data = (): Readonly<Record<string, string>> =>
      authenticationConfigMap(this.#trusted.clientCa, this.#trusted.requestHeader);
    this.#publisher = publishTrust({ ...options, data });
  }

  /** From now on, what the files hold counts as soon as they change. */
  follow(files: CertificateFiles, listener: Listener): void {
    const { clock, logger } = this.#options;
    const renew = (found: TlsMaterial): void => this.#renew(found, listener);
    this.#stopFollowing = followCertificates(files, renew, clock, logger);
  }

  close(): void {
    this.#stopFollowing?.();
    this.#publisher.close();
  }

  #renew(found: TlsMaterial, listener: Listener): void {
    const { access, hearsProxies } = this.#options;
    const { clientCA, proxyCa } = found;
    access.renewTrust(clientCA, proxyCa ?? '');
    listener.renew({ ...found, clientCA: acceptedAuthorities(clientCA, proxyCa) });
    const { requestHeader } = this.#trusted;
    this.#trusted = {
      clientCa: clientCA,
      requestHeader:
        requestHeader === undefined || !hearsProxies || proxyCa === undefined
          ? requestHeader
          : { ...requestHeader, clientCa: proxyCa },
    };
    this.#publisher.publish();
  }
}

/** Whom a server trusts when it starts: it may tell of front proxies without hearing them itself. */
export function trustedBy({ listen, access, aggregator }: ApiServerOptions): Trusted {
  return {
    clientCa: listen?.clientCA ?? '',
    requestHeader: access.external?.requestHeader ?? aggregator?.trust,
  };
}

/** TLS accepts the certificates of front proxies too; which of the two it was is found out later. */
export function acceptedAuthorities(clientCa: string, proxyCa: string | undefined): string {
  return proxyCa === undefined ? clientCa : `${clientCa}\n${proxyCa}`;
}
