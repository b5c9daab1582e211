import { encryptedMark, startsWith } from './identity.ts';
import { TransformError, type ValueTransformer } from './transformer.ts';

/** The providers of a resource: the first one writes, all of them read. */
export class ProviderChain {
  readonly #providers: readonly ValueTransformer[];
  readonly #first: ValueTransformer;
  readonly #noMatch: string;
  /** Whether a value may have to wait for somebody else to be read. */
  readonly remote: boolean;

  /** @param noMatch what is told of a value that none of them can have written */
  constructor(providers: readonly ValueTransformer[], noMatch = 'no matching prefix found') {
    this.#noMatch = noMatch;
    const [first] = providers;
    if (first === undefined) throw new Error('building a chain of encryption providers: there are none');
    this.#providers = providers;
    this.#first = first;
    this.remote = providers.some((provider) => provider.remote === true);
  }

  /** The value as it is to be stored. */
  toStored(value: Uint8Array, authenticated: string): Uint8Array | Promise<Uint8Array> {
    const first = this.#first;
    if (first.prefix === '') return value;
    const data = first.encrypt(value, authenticated);
    return data instanceof Promise
      ? data.then((bytes) => prefixed(first.prefix, bytes))
      : prefixed(first.prefix, data);
  }

  /** A stored value as it was. @throws TransformError, or why a provider cannot be asked; also as a rejection */
  fromStored(stored: Uint8Array, authenticated: string): Uint8Array | Promise<Uint8Array> {
    return this.#readBy(stored, authenticated, 0, []);
  }

  /**
   * Whether the value would be stored otherwise if it were written now. Rejects where the provider that wrote it
   * cannot be asked.
   */
  async isStale(stored: Uint8Array, authenticated: string): Promise<boolean> {
    for (const provider of this.#providers) {
      if (!mayRead(provider, stored)) continue;
      const data = stored.subarray(provider.prefix.length);
      try {
        await provider.decrypt(data, authenticated);
      } catch (error) {
        if (!(error instanceof TransformError)) throw error;
        continue;
      }
      return provider !== this.#first || ((await provider.isStale?.(data, authenticated)) ?? false);
    }
    return true;
  }

  #readBy(
    stored: Uint8Array,
    authenticated: string,
    from: number,
    faults: readonly string[],
  ): Uint8Array | Promise<Uint8Array> {
    for (let i = from; i < this.#providers.length; i++) {
      const provider = this.#providers[i] as ValueTransformer;
      if (!mayRead(provider, stored)) continue;
      // Two keys of the same name may be there; the fault that is told is that of every one, but for identity's.
      const again = (error: unknown): Uint8Array | Promise<Uint8Array> => {
        if (!(error instanceof TransformError)) throw error;
        return this.#readBy(stored, authenticated, i + 1, [...faults, error.message]);
      };
      try {
        const value = provider.decrypt(stored.subarray(provider.prefix.length), authenticated);
        return value instanceof Promise ? value.catch(again) : value;
      } catch (error) {
        return again(error);
      }
    }
    const texts = [...new Set(faults)];
    throw new TransformError(
      texts.length === 0
        ? this.#noMatch
        : texts.length === 1
          ? (texts[0] as string)
          : `[${texts.join(', ')}]`,
    );
  }
}

/** What is encrypted is nobody's plain value. */
function mayRead({ prefix }: ValueTransformer, stored: Uint8Array): boolean {
  return prefix === '' ? !startsWith(stored, encryptedMark) : startsWith(stored, prefix);
}

function prefixed(prefix: string, data: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(prefix), data]);
}
