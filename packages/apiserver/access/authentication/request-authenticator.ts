import { newUnauthorized } from '@coxswain/machinery';
import type { AuthenticationRequest, UserInfo } from '../contract.ts';
import { groups, users } from '../users.ts';
import type { ClientCertificates } from './client-certificate.ts';
import { TokenError } from './token.ts';
import type { TokenUnion } from './token-union.ts';

const anonymous: UserInfo = { name: users.anonymous, groups: [groups.unauthenticated] };
const webSocketToken = 'base64url.bearer.authorization.k8s.io.';

/** Tells who makes a request by its client certificate, its bearer token, or the lack of both. */
export class RequestAuthenticator {
  readonly #certificates: ClientCertificates;
  readonly #tokens: TokenUnion;
  readonly #anonymous: boolean;

  constructor(certificates: ClientCertificates, tokens: TokenUnion, allowAnonymous: boolean) {
    this.#certificates = certificates;
    this.#tokens = tokens;
    this.#anonymous = allowAnonymous;
  }

  /**
   * Answers at once unless the token has to be asked for elsewhere.
   * @throws {StatusError} 401 when a credential is bad, or there is none and anonymous users are not let in
   */
  authenticate(request: AuthenticationRequest): UserInfo | Promise<UserInfo> {
    if (request.peerCertificate !== undefined) {
      const user = this.#certificates.authenticate(request.peerCertificate);
      if (user !== undefined) return user;
    }
    const token = bearerToken(request.headers);
    if (token !== undefined) return this.#byToken(token);
    const refused = request.peerCertificate !== undefined || request.untrustedCertificate === true;
    if (refused || !this.#anonymous) throw newUnauthorized();
    return anonymous;
  }

  #byToken(token: string): UserInfo | Promise<UserInfo> {
    try {
      const found = this.#tokens.authenticateToken(token);
      return found instanceof Promise ? found.then(({ user }) => user, refuse) : found.user;
    } catch (error) {
      return refuse(error);
    }
  }
}

function refuse(error: unknown): never {
  throw error instanceof TokenError ? newUnauthorized() : error;
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
