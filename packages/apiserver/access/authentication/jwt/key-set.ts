import { createPublicKey, type KeyObject } from 'node:crypto';

/** A public key of an issuer. */
export interface IssuerKey {
  /** `''` when the issuer does not name it. */
  readonly id: string;
  readonly key: KeyObject;
}

/** The keys of a JSON Web Key Set (RFC 7517); what they are said to be for does not count, as with upstream. @throws when it is none */
function parseKeySet(document: unknown): readonly IssuerKey[] {
  const keys = (document as { readonly keys?: unknown } | null)?.keys ?? [];
  if (!Array.isArray(keys)) throw new Error('oidc: failed to decode keys: no JSON Web Key Set');
  return keys.flatMap((jwk: Record<string, unknown>): IssuerKey[] => {
    if (jwk['kty'] !== 'RSA' && jwk['kty'] !== 'EC') return [];
    const { kid } = jwk;
    const key = publicKey(jwk);
    if (key === undefined) return [];
    return [{ id: typeof kid === 'string' ? kid : '', key }];
  });
}

/** Undefined for what is malformed or on a curve that nobody signs with: the others of the set stay good. */
function publicKey(jwk: Record<string, unknown>): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    // no signature will ever be held against it
    return undefined;
  }
}

/** A key may be used so long after it expired: clocks differ. */
const expiryDeltaMs = 30_000;

/** A key set as its issuer gave it. */
export interface FetchedKeys {
  readonly document: unknown;
  /** Until when it need not be fetched again, in milliseconds since 1970. */
  readonly freshUntil: number;
}

/**
 * The keys of an issuer, fetched again when a token is signed with one that is not known, unless the issuer said
 * that they last. Many tokens at once cause one request.
 */
export class RemoteKeySet {
  readonly #fetch: () => Promise<FetchedKeys>;
  #keys: readonly IssuerKey[] = [];
  #freshUntil = Number.NEGATIVE_INFINITY;
  #fetching: Promise<readonly IssuerKey[]> | undefined;

  /** @param fetch gets the set's document */
  constructor(fetch: () => Promise<FetchedKeys>) {
    this.#fetch = fetch;
  }

  /** Those known, perhaps none. */
  get known(): readonly IssuerKey[] {
    return this.#keys;
  }

  /** Whether there are no others yet than those known. @param now milliseconds since 1970 */
  isFresh(now: number): boolean {
    return now + expiryDeltaMs <= this.#freshUntil;
  }

  /** The keys of now; rejects when the issuer does not give them. */
  refresh(): Promise<readonly IssuerKey[]> {
    this.#fetching ??= this.#fetch()
      .then(({ document, freshUntil }) => {
        this.#keys = parseKeySet(document);
        this.#freshUntil = freshUntil;
        return this.#keys;
      })
      .finally(() => {
        this.#fetching = undefined;
      });
    return this.#fetching;
  }
}
