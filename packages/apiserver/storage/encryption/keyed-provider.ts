import { ProviderChain } from './provider-chain.ts';
import type { ValueTransformer } from './transformer.ts';

/** A provider with several keys, which stand by name between its prefix and what it encrypted. */
export class KeyedProvider implements ValueTransformer {
  readonly prefix: string;
  readonly #keys: ProviderChain;

  /**
   * @param keys the prefix of each is its name and a colon
   * @param noMatch what is told of a value of none of them
   */
  constructor(prefix: string, keys: readonly ValueTransformer[], noMatch: string) {
    this.prefix = prefix;
    this.#keys = new ProviderChain(keys, noMatch);
  }

  encrypt(value: Uint8Array, authenticated: string): Uint8Array | Promise<Uint8Array> {
    return this.#keys.toStored(value, authenticated);
  }

  decrypt(data: Uint8Array, authenticated: string): Uint8Array | Promise<Uint8Array> {
    return this.#keys.fromStored(data, authenticated);
  }

  isStale(data: Uint8Array, authenticated: string): Promise<boolean> {
    return this.#keys.isStale(data, authenticated);
  }
}
