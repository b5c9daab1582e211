import type { Clock } from '@coxswain/machinery';
import type { RequestHeaderOptions } from '../../../bootstrap/authentication-config-map.ts';
import type { AuthenticationRequest, UserInfo } from '../../contract.ts';
import { extraOf, type SentHeader, sentHeaders } from '../../sent-headers.ts';
import { asAuthenticated } from '../../users.ts';
import { PeerTrust } from './peer-trust.ts';
import { TrustedRoots } from './verify-chain.ts';

/** Users whom a front proxy vouches for: it proves itself by its certificate and names them in headers. */
export class RequestHeaderUsers {
  readonly #trust: PeerTrust;
  readonly #options: RequestHeaderOptions;

  constructor(options: RequestHeaderOptions, clock: Clock) {
    const lower = (names: readonly string[]): readonly string[] => names.map((name) => name.toLowerCase());
    this.#trust = new PeerTrust(new TrustedRoots(options.clientCa), clock);
    this.#options = {
      ...options,
      usernameHeaders: lower(options.usernameHeaders),
      uidHeaders: lower(options.uidHeaders),
      groupHeaders: lower(options.groupHeaders),
      extraHeaderPrefixes: lower(options.extraHeaderPrefixes),
    };
  }

  /** @returns undefined when no proxy that is trusted made the request, or it names nobody */
  authenticate(request: AuthenticationRequest): UserInfo | undefined {
    const { allowedNames, usernameHeaders, uidHeaders, groupHeaders, extraHeaderPrefixes } = this.#options;
    const proxy = this.#trust.commonName(request);
    if (proxy === undefined || (allowedNames.length > 0 && !allowedNames.includes(proxy))) return undefined;
    const headers = sentHeaders(request);
    const first = (names: readonly string[]): string => {
      for (const name of names) {
        const value = headers.find(([header]) => header === name)?.[1] ?? '';
        if (value !== '') return value;
      }
      return '';
    };
    const name = first(usernameHeaders);
    if (name === '') return undefined;
    const uid = first(uidHeaders);
    const extra = extras(headers, extraHeaderPrefixes);
    return asAuthenticated({
      name,
      ...(uid === '' ? {} : { uid }),
      groups: groupHeaders.flatMap((wanted) =>
        headers.filter(([header, value]) => header === wanted && value !== '').map(([, value]) => value),
      ),
      ...(Object.keys(extra).length === 0 ? {} : { extra }),
    });
  }
}

/** All of them: what one prefix and another give to one key is joined in the order of the prefixes. */
function extras(
  headers: readonly SentHeader[],
  prefixes: readonly string[],
): Record<string, readonly string[]> {
  const extra: Record<string, readonly string[]> = {};
  for (const prefix of prefixes) {
    for (const [key, values] of Object.entries(extraOf(headers, prefix) ?? {})) {
      extra[key] = [...(extra[key] ?? []), ...values];
    }
  }
  return extra;
}
