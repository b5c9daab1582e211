import type { AuditTrail } from '../../audit/trail.ts';
import { type TokenAuthentication, type TokenAuthenticator, TokenError } from './token.ts';

const unknownToken = 'invalid bearer token';

/** Asks several token authenticators in turn; the first that knows the token wins. */
export class TokenUnion {
  readonly #members: readonly TokenAuthenticator[];

  constructor(members: readonly TokenAuthenticator[]) {
    this.#members = members;
  }

  /**
   * Answers at once where the members that are asked do.
   * @throws {TokenError} with upstream's text when nobody takes the token
   */
  authenticateToken(
    token: string,
    audiences?: readonly string[],
    audit?: AuditTrail,
  ): TokenAuthentication | Promise<TokenAuthentication> {
    return this.#ask(token, audiences, audit, 0, []);
  }

  #ask(
    token: string,
    audiences: readonly string[] | undefined,
    audit: AuditTrail | undefined,
    from: number,
    before: readonly string[],
  ): TokenAuthentication | Promise<TokenAuthentication> {
    let faults = before;
    for (let i = from; i < this.#members.length; i++) {
      try {
        const found = (this.#members[i] as TokenAuthenticator).authenticateToken(token, audiences, audit);
        if (found instanceof Promise) {
          const sofar = faults;
          return found.then(
            (known) => known ?? this.#ask(token, audiences, audit, i + 1, sofar),
            (error) => this.#ask(token, audiences, audit, i + 1, [...sofar, faultOf(error)]),
          );
        }
        if (found !== undefined) return found;
      } catch (error) {
        faults = [...faults, faultOf(error)];
      }
    }
    throw new TokenError(
      faults.length === 0 ? unknownToken : `[${[...new Set([unknownToken, ...faults])].join(', ')}]`,
    );
  }
}

/** @throws what is no refusal */
function faultOf(error: unknown): string {
  if (error instanceof TokenError) return error.message;
  throw error;
}
