import type { Clock } from '@coxswain/machinery';
import type { RequestHeaderOptions } from '../../../bootstrap/authentication-config-map.ts';
import type { AuthenticationRequest, UserInfo } from '../../contract.ts';
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
    const headers = headersOf(request);
    const first = (names: readonly string[]): string => {
      for (const name of names) {
        const value = headers.find(([header]) => header === name)?.[1].trim() ?? '';
        if (value !== '') return value;
      }
      return '';
    };
    const name = first(usernameHeaders);
    if (name === '') return undefined;
    const uid = first(uidHeaders);
    const extra = extraOf(headers, extraHeaderPrefixes);
    return asAuthenticated({
      name,
      ...(uid === '' ? {} : { uid }),
      groups: groupHeaders.flatMap((wanted) =>
        headers.filter(([header]) => header === wanted).map(([, value]) => value),
      ),
      ...(Object.keys(extra).length === 0 ? {} : { extra }),
    });
  }
}

type Header = readonly [name: string, value: string];

/** Each header that was sent, repeated ones apart, names in lower case. */
function headersOf({ rawHeaders, headers }: AuthenticationRequest): readonly Header[] {
  if (rawHeaders === undefined) {
    return Object.entries(headers).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value ?? '']).map((one): Header => [name, one]),
    );
  }
  const list: Header[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    list.push([(rawHeaders[i] as string).toLowerCase(), rawHeaders[i + 1] as string]);
  }
  return list;
}

function extraOf(headers: readonly Header[], prefixes: readonly string[]): Record<string, readonly string[]> {
  const extra: Record<string, string[]> = {};
  for (const prefix of prefixes) {
    for (const [name, value] of headers) {
      if (!name.startsWith(prefix)) continue;
      const key = unescapeKey(name.slice(prefix.length));
      extra[key] = [...(extra[key] ?? []), value];
    }
  }
  return extra;
}

/** Keys are percent-encoded where a header name could not hold them; a broken encoding is taken as it is. */
function unescapeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
