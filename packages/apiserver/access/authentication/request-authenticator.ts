import { type Logger, newUnauthorized } from '@coxswain/machinery';
import type { AuditTrail } from '../../audit/trail.ts';
import type { AuthenticationRequest, UserInfo } from '../contract.ts';
import type { AnonymousAccess } from '../external-access.ts';
import { groups, users } from '../users.ts';
import type { ClientCertificates } from './client-certificate.ts';
import type { FrontProxy } from './front-proxy/front-proxy.ts';
import type { PeerTrust } from './front-proxy/peer-trust.ts';
import { TokenError } from './token.ts';
import type { TokenUnion } from './token-union.ts';

const anonymous: UserInfo = { name: users.anonymous, groups: [groups.unauthenticated] };
/** A token that a space keeps from being one. */
const misspelled: UserInfo = {
  ...anonymous,
  warning: 'the provided Authorization header contains extra space before the bearer token, and is ignored',
};
const webSocketToken = 'base64url.bearer.authorization.k8s.io.';

export interface RequestAuthenticatorOptions {
  readonly certificates: ClientCertificates;
  readonly tokens: TokenUnion;
  readonly anonymous: AnonymousAccess;
  /** Absent: every certificate that TLS accepted is a client's. */
  readonly frontProxy?: FrontProxy;
  /** Told why tokens are refused, which clients are not. */
  readonly logger: Logger;
}

/** Tells who makes a request by its client certificate, its bearer token, or the lack of both. */
export class RequestAuthenticator {
  readonly #certificates: ClientCertificates;
  readonly #tokens: TokenUnion;
  readonly #anonymous: AnonymousAccess;
  readonly #frontProxy: FrontProxy | undefined;
  readonly #logger: Logger;
  /** Since the authorities were exchanged while connections were open; absent: what TLS accepted counts. */
  #renewed: { readonly clients: PeerTrust | undefined } | undefined;

  constructor({ certificates, tokens, anonymous, frontProxy, logger }: RequestAuthenticatorOptions) {
    this.#logger = logger;
    this.#certificates = certificates;
    this.#tokens = tokens;
    this.#anonymous = anonymous;
    this.#frontProxy = frontProxy;
  }

  /**
   * Answers at once unless the token has to be asked for elsewhere.
   * @throws {StatusError} 401 when a credential is bad, or there is none and anonymous users are not let in
   */
  authenticate(request: AuthenticationRequest): UserInfo | Promise<UserInfo> {
    if (request.peerCertificate !== undefined) {
      const user = this.#byCertificate(request, request.peerCertificate);
      if (user !== undefined) return user;
    }
    const token = bearerToken(request.headers);
    if (token !== undefined) return this.#byToken(token, request.audit);
    const refused = request.peerCertificate !== undefined || request.untrustedCertificate === true;
    if (refused || !this.#letsInAnonymous(request.url ?? '')) throw newUnauthorized();
    return hasSpacedToken(request.headers) ? misspelled : anonymous;
  }

  /** Certificates of clients must be of these authorities from now on, whatever TLS accepted before. */
  trust(clients: PeerTrust | undefined): void {
    this.#renewed = { clients };
  }

  #byCertificate(request: AuthenticationRequest, der: Uint8Array): UserInfo | undefined {
    const proxy = this.#frontProxy;
    if (proxy === undefined) {
      const renewed = this.#renewed;
      if (renewed !== undefined && renewed.clients?.commonName(request) === undefined) return undefined;
      return this.#certificates.authenticate(der);
    }
    return (
      proxy.userOf(request) ?? (proxy.isClient(request) ? this.#certificates.authenticate(der) : undefined)
    );
  }

  #letsInAnonymous(url: string): boolean {
    const { enabled, paths } = this.#anonymous;
    if (!enabled || paths === undefined) return enabled;
    const mark = url.indexOf('?');
    return paths.has(mark < 0 ? url : url.slice(0, mark));
  }

  #byToken(token: string, audit: AuditTrail | undefined): UserInfo | Promise<UserInfo> {
    try {
      const found = this.#tokens.authenticateToken(token, undefined, audit);
      if (!(found instanceof Promise)) return found.user;
      return found.then(
        ({ user }) => user,
        (error) => this.#refuse(error),
      );
    } catch (error) {
      return this.#refuse(error);
    }
  }

  #refuse(error: unknown): never {
    if (!(error instanceof TokenError)) throw error;
    this.#logger.error('Unable to authenticate the request', { error: error.message });
    throw newUnauthorized();
  }
}

function hasSpacedToken(headers: AuthenticationRequest['headers']): boolean {
  const header = headers['authorization'];
  return typeof header === 'string' && /^\s*bearer {2}\s*\S/i.test(header);
}

/** The token of an Authorization header, or of a browser's WebSocket subprotocol list. */
function bearerToken(headers: AuthenticationRequest['headers']): string | undefined {
  const header = headers['authorization'];
  if (typeof header === 'string') {
    const text = header.trim();
    // exactly one space, as upstream: `Bearer  x` has an empty token and is no credential
    if (text.slice(0, 7).toLowerCase() === 'bearer ') {
      const end = text.indexOf(' ', 7);
      const token = end < 0 ? text.slice(7) : text.slice(7, end);
      if (token !== '') return token;
    }
  }
  const protocols = headers['sec-websocket-protocol'];
  if (typeof protocols !== 'string' || !protocols.includes(webSocketToken)) return undefined;
  const item = protocols.split(',').find((p) => p.trim().startsWith(webSocketToken));
  const encoded = item?.trim().slice(webSocketToken.length);
  return encoded ? Buffer.from(encoded, 'base64url').toString('utf8') : undefined;
}
