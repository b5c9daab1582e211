import { jsonKind } from './compact-jwt.ts';
import { type IssuerKey, readJsonWebKey } from './json-web-key.ts';

/**
 * The keys of a JSON Web Key Set (RFC 7517); what they are said to be for does not count, as with upstream.
 * @throws Error in the words of upstream's library: one that is malformed spoils them all
 */
export function readKeySet(document: unknown): readonly IssuerKey[] {
  if (document === null) return [];
  if (typeof document !== 'object' || Array.isArray(document)) {
    throw new Error(`json: cannot unmarshal ${jsonKind(document)} into Go value of type jose.JSONWebKeySet`);
  }
  const { keys } = document as { readonly keys?: unknown };
  if (keys === undefined || keys === null) return [];
  if (!Array.isArray(keys)) {
    throw new Error(
      `json: cannot unmarshal ${jsonKind(keys)} into Go struct field JSONWebKeySet.keys of type []jose.JSONWebKey`,
    );
  }
  return keys.flatMap((jwk) => readJsonWebKey(jwk) ?? []);
}

/** A key may be used so long after it expired: clocks differ. */
const expiryDeltaMs = 30_000;

/** A key set as its issuer gave it. */
export interface FetchedKeys {
  readonly keys: readonly IssuerKey[];
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

  /** @param fetch gets the set */
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
      .then(({ keys, freshUntil }) => {
        this.#keys = keys;
        this.#freshUntil = freshUntil;
        return this.#keys;
      })
      .finally(() => {
        this.#fetching = undefined;
      });
    return this.#fetching;
  }
}
