import { type TokenAuthentication, type TokenAuthenticator, TokenError } from './token.ts';

const unknownToken = 'invalid bearer token';

/** Asks several token authenticators in turn; the first that knows the token wins. */
export class TokenUnion {
  readonly #members: readonly TokenAuthenticator[];

  constructor(members: readonly TokenAuthenticator[]) {
    this.#members = members;
  }

  /** @throws {TokenError} with upstream's text when nobody takes the token */
  authenticateToken(token: string, audiences?: readonly string[]): TokenAuthentication {
    const faults = new Set([unknownToken]);
    for (const member of this.#members) {
      try {
        const found = member.authenticateToken(token, audiences);
        if (found !== undefined) return found;
      } catch (error) {
        if (!(error instanceof TokenError)) throw error;
        faults.add(error.message);
      }
    }
    const texts = [...faults];
    throw new TokenError(texts.length === 1 ? unknownToken : `[${texts.join(', ')}]`);
  }
}
