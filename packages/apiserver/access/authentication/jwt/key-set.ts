import { createPublicKey, type KeyObject } from 'node:crypto';

/** A public key of an issuer. */
export interface IssuerKey {
  /** `''` when the issuer does not name it. */
  readonly id: string;
  readonly key: KeyObject;
}

/** The keys of a JSON Web Key Set (RFC 7517); what they are said to be for does not count, as with upstream. @throws when it is none */
function parseKeySet(document: unknown): readonly IssuerKey[] {
  const keys = (document as { readonly keys?: unknown } | null)?.keys;
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

/**
 * The keys of an issuer, fetched again when a token is signed with one that is not known. Many tokens at once
 * cause one request.
 */
export class RemoteKeySet {
  readonly #fetch: () => Promise<unknown>;
  #keys: readonly IssuerKey[] = [];
  #fetching: Promise<readonly IssuerKey[]> | undefined;

  /** @param fetch gets the set's document */
  constructor(fetch: () => Promise<unknown>) {
    this.#fetch = fetch;
  }

  /** Those known, perhaps none. */
  get known(): readonly IssuerKey[] {
    return this.#keys;
  }

  /** The keys of now; rejects when the issuer does not give them. */
  refresh(): Promise<readonly IssuerKey[]> {
    this.#fetching ??= this.#fetch()
      .then((document) => {
        this.#keys = parseKeySet(document);
        return this.#keys;
      })
      .finally(() => {
        this.#fetching = undefined;
      });
    return this.#fetching;
  }
}
