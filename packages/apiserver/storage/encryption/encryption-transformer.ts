import { type Clock, type Logger, newInternalError, type StatusError } from '@coxswain/machinery';
import type { Passage, StorageTransformer } from '../layers/storage-transformer.ts';
import { unreadableValue } from '../unreadable.ts';
import type { Encryption } from './encryption.ts';
import type { EncryptionMetrics } from './encryption-metrics.ts';
import { KmsCallError } from './kms/kms-call-error.ts';
import type { ProviderChain } from './provider-chain.ts';
import { storedResource } from './stored-resource.ts';
import { TransformError } from './transformer.ts';

/** How long a value waits for a KMS that does not answer before it is tried again. */
const retryMs = 1_000;

export interface EncryptionTransformerOptions {
  /** The configuration of the moment. */
  readonly encryption: () => Encryption;
  /** What keys begin with where the values are, in place of `/registry`: values are bound to them. */
  readonly keyPrefix: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent: nothing is counted. */
  readonly metrics?: EncryptionMetrics;
}

/** Encrypts values as a configuration says. */
export class EncryptionTransformer implements StorageTransformer {
  readonly #encryption: () => Encryption;
  readonly #keyPrefix: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: EncryptionMetrics | undefined;

  constructor({ encryption, keyPrefix, clock, logger, metrics }: EncryptionTransformerOptions) {
    this.#encryption = encryption;
    this.#keyPrefix = keyPrefix;
    this.#clock = clock;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  passage(key: string): Passage {
    const chain = this.#chainOf(key);
    return chain === undefined ? 'unchanged' : chain.remote ? 'remote' : 'immediate';
  }

  toStorage(key: string, value: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const chain = this.#chainOf(key);
    if (chain === undefined) return value;
    const began = this.#begin();
    const made = (stored: Uint8Array): Uint8Array => {
      this.#count(began, key, 'to_storage', stored, 'OK');
      return stored;
    };
    const failed = (error: unknown): never => {
      this.#count(began, key, 'to_storage', undefined, codeOf(error));
      throw faultOf(error);
    };
    return settled(() => chain.toStored(value, this.#authenticated(key)), made, failed);
  }

  /** A value that cannot be read keeps the others from nothing; one whose KMS does not answer is waited for. */
  fromStorage(key: string, stored: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const chain = this.#chainOf(key);
    if (chain === undefined) return stored;
    const began = this.#begin();
    const read = (value: Uint8Array): Uint8Array => {
      this.#count(began, key, 'from_storage', stored, 'OK');
      return value;
    };
    const failed = (error: unknown): Uint8Array | Promise<Uint8Array> => {
      this.#count(began, key, 'from_storage', stored, codeOf(error));
      this.#logger.error('a stored value cannot be decrypted', { key, error: String(error) });
      if (error instanceof TransformError) return unreadableValue(key, error);
      return this.#clock.sleep(retryMs).then(() => this.fromStorage(key, stored));
    };
    return settled(() => chain.fromStored(stored, this.#authenticated(key)), read, failed);
  }

  async isStale(key: string, stored: Uint8Array): Promise<boolean> {
    try {
      return (await this.#chainOf(key)?.isStale(stored, this.#authenticated(key))) ?? false;
    } catch (error) {
      throw faultOf(error);
    }
  }

  #begin(): number {
    return this.#metrics?.begin() ?? 0;
  }

  #count(
    began: number,
    key: string,
    type: 'from_storage' | 'to_storage',
    stored: Uint8Array | undefined,
    status: string,
  ): void {
    const resource = this.#metrics && storedResource(key);
    if (resource !== undefined) this.#metrics?.done(began, resource, type, stored, status);
  }

  /** Undefined for what is not encrypted, whatever the configuration: what servers keep beside objects. */
  #chainOf(key: string): ProviderChain | undefined {
    const resource = storedResource(key);
    return resource === undefined ? undefined : this.#encryption().chainOf(resource);
  }

  #authenticated(key: string): string {
    return this.#keyPrefix + key.slice('/registry'.length);
  }
}

/** What becomes of what is done, at once where it is done at once. */
function settled<T>(
  act: () => T | Promise<T>,
  done: (result: T) => T,
  failed: (error: unknown) => T | Promise<T>,
): T | Promise<T> {
  let result: T | Promise<T>;
  try {
    result = act();
  } catch (error) {
    return failed(error);
  }
  return result instanceof Promise ? result.then(done, failed) : done(result);
}

function faultOf(error: unknown): StatusError {
  return newInternalError((error as Error).message);
}

/** gRPC's code where a plugin failed; upstream's word where it was nothing of gRPC. */
function codeOf(error: unknown): string {
  const { cause } = error as Error;
  return cause instanceof KmsCallError ? cause.grpcCode : 'unknown-non-grpc';
}
