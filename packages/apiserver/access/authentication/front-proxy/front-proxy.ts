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
}

/**
 * Builds what tells proxies from clients.
 * @param clientCa PEM of the authorities of clients; `''`: there are none
 * @throws when a bundle holds no certificate
 */
export function buildFrontProxy(options: RequestHeaderOptions, clientCa: string, clock: Clock): FrontProxy {
  const users = new RequestHeaderUsers(options, clock);
  const clients = clientCa === '' ? undefined : new PeerTrust(new TrustedRoots(clientCa), clock);
  return {
    userOf: (request) => users.authenticate(request),
    isClient: (request) => clients?.commonName(request) !== undefined,
  };
}
