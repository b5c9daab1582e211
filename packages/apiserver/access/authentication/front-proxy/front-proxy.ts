import type { Clock } from '@coxswain/machinery';
import type { RequestHeaderOptions } from '../../../bootstrap/authentication-config-map.ts';
import type { AuthenticationRequest, UserInfo } from '../../contract.ts';
import { PeerTrust } from './peer-trust.ts';
import { RequestHeaderUsers } from './request-header.ts';
import { TrustedRoots } from './verify-chain.ts';

/** Tells the users of a front proxy from those of clients' own certificates. */
export interface FrontProxy {
  /** The user that a trusted proxy names; undefined when no proxy asks, or it names nobody. */
  userOf(request: AuthenticationRequest): UserInfo | undefined;
  /** Whether an authority of clients signed the request's certificate. */
  isClient(request: AuthenticationRequest): boolean;
  /** Other authorities count from now on, PEM. @throws when a bundle holds no certificate */
  renew(proxyCa: string, clientCa: string): void;
}

/**
 * Builds what tells proxies from clients.
 * @param clientCa PEM of the authorities of clients; `''`: there are none
 * @throws when a bundle holds no certificate
 */
export function buildFrontProxy(options: RequestHeaderOptions, clientCa: string, clock: Clock): FrontProxy {
  let users = new RequestHeaderUsers(options, clock);
  let clients = clientsOf(clientCa, clock);
  return {
    renew: (newProxyCa, newClientCa) => {
      const renewed = clientsOf(newClientCa, clock);
      users = new RequestHeaderUsers({ ...options, clientCa: newProxyCa }, clock);
      clients = renewed;
    },
    userOf: (request) => users.authenticate(request),
    isClient: (request) => clients?.commonName(request) !== undefined,
  };
}

/** What tells the certificates of clients from others. @param pem their authorities; `''`: there are none */
export function clientsOf(pem: string, clock: Clock): PeerTrust | undefined {
  return pem === '' ? undefined : new PeerTrust(new TrustedRoots(pem), clock);
}
