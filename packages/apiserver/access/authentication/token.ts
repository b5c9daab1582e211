import type { AuditTrail } from '../../audit/trail.ts';
import type { UserInfo } from '../contract.ts';

/** A bearer token that holds. */
export interface TokenAuthentication {
  readonly user: UserInfo;
  /** Those of the asked audiences that the token is for; absent when the server has no audiences. */
  readonly audiences?: readonly string[];
}

/** Tells whose a bearer token is. */
export interface TokenAuthenticator {
  /**
   * @param audiences whom the token must be for; the server's own when absent
   * @param audit takes notes of the token; absent where nothing is audited
   * @returns `undefined` when the token is not of this authenticator's kind
   * @throws {TokenError} when it is, and is bad; rejects with it where the answer is a promise
   */
  authenticateToken(
    token: string,
    audiences?: readonly string[],
    audit?: AuditTrail,
  ): TokenAuthentication | undefined | Promise<TokenAuthentication | undefined>;
}

/** A bearer token is refused; the message is what TokenReview shows. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
  readonly code = 'TOKEN_REFUSED';
}

/** For authenticators whose tokens know no audience: good for all of the server's. */
export function agnosticAudiences(
  own: readonly string[],
  asked: readonly string[] | undefined,
): readonly string[] | undefined {
  const shared = asked === undefined ? own : own.filter((audience) => asked.includes(audience));
  return shared.length === 0 && own.length > 0 ? undefined : shared;
}
