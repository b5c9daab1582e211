import {
  type Clock,
  type Counter,
  exponentialBuckets,
  type Family,
  type Gauge,
  type Histogram,
  type MetricsRegistry,
} from '@coxswain/machinery';
import { serverHash, sha256 } from '../../../config-file/hashes.ts';

/** As many series of key ids as upstream keeps; the oldest goes first. */
const seriesLimit = 100;
/** From a tenth of a millisecond to nearly a minute. */
const callBuckets = exponentialBuckets(0.0001, 2, 20);

interface KeyUse {
  readonly uses: Counter;
  readonly last: Gauge;
}

/** What plugins are asked and which of their keys are used, under upstream's names. */
export class KmsMetrics {
  readonly #clock: Clock;
  readonly #calls: Family<Histogram>;
  readonly #uses: Family<Counter>;
  readonly #lastUses: Family<Gauge>;
  readonly #lastStatus: Family<Gauge>;
  readonly #invalid: Family<Counter>;
  readonly #cached: Family<Gauge>;
  readonly #misses: Counter;
  /** By type, provider and key; the least recently used first. */
  readonly #keys = new Map<string, KeyUse>();
  readonly #statuses = new Map<string, Gauge>();

  constructor(registry: MetricsRegistry, clock: Clock) {
    this.#clock = clock;
    const prefix = 'apiserver_envelope_encryption';
    const useLabels = ['transformation_type', 'provider_name', 'key_id_hash', 'apiserver_id_hash'];
    this.#calls = registry.histogram({
      name: `${prefix}_kms_operations_latency_seconds`,
      help: 'How long a KMS plugin took, by the code of its answer.',
      labels: ['provider_name', 'method_name', 'grpc_status_code'],
      buckets: callBuckets,
    });
    this.#uses = registry.counter({
      name: `${prefix}_key_id_hash_total`,
      help: 'How often a key of a KMS was used.',
      labels: useLabels,
    });
    this.#lastUses = registry.gauge({
      name: `${prefix}_key_id_hash_last_timestamp_seconds`,
      help: 'When a key of a KMS was last used.',
      labels: useLabels,
    });
    this.#lastStatus = registry.gauge({
      name: `${prefix}_key_id_hash_status_last_timestamp_seconds`,
      help: 'When a KMS plugin last told of a key.',
      labels: ['provider_name', 'key_id_hash', 'apiserver_id_hash'],
    });
    this.#invalid = registry.counter({
      name: `${prefix}_invalid_key_id_from_status_total`,
      help: 'How often a KMS plugin told of a key whose id is none.',
      labels: ['provider_name', 'error'],
    });
    this.#cached = registry.gauge({
      name: `${prefix}_dek_source_cache_size`,
      help: 'How many secrets need no plugin to be decrypted again.',
      labels: ['provider_name'],
    });
    this.#misses = registry
      .counter({
        name: 'apiserver_storage_envelope_transformation_cache_misses_total',
        help: 'How often a plugin had to be asked for a secret.',
      })
      .with();
  }

  /** A plugin was called. @param method its full name @param code gRPC's: `OK`, `Unavailable` */
  called(provider: string, method: string, code: string, ms: number): void {
    this.#calls.with(provider, method, code).observe(ms / 1000);
  }

  /** A value was encrypted or decrypted with the help of a key. */
  used(type: 'from_storage' | 'to_storage', provider: string, keyId: string): void {
    const at = `${type}\u0000${provider}\u0000${keyId}`;
    let use = this.#keys.get(at);
    if (use === undefined) {
      const labels = [type, provider, sha256(keyId), serverHash] as const;
      use = { uses: this.#uses.with(...labels), last: this.#lastUses.with(...labels) };
      this.#makeRoom(this.#keys, this.#uses, this.#lastUses);
    } else this.#keys.delete(at);
    this.#keys.set(at, use);
    use.uses.inc();
    use.last.set(this.#clock.now() / 1000);
  }

  /** A plugin told of the key that it works with. */
  told(provider: string, keyId: string): void {
    const at = `${provider}\u0000${keyId}`;
    let last = this.#statuses.get(at);
    if (last === undefined) {
      last = this.#lastStatus.with(provider, sha256(keyId), serverHash);
      this.#makeRoom(this.#statuses, this.#lastStatus);
    } else this.#statuses.delete(at);
    this.#statuses.set(at, last);
    last.set(this.#clock.now() / 1000);
  }

  /** A plugin told of a key whose id is none. */
  invalidKeyId(provider: string, error: 'empty' | 'too_long'): void {
    this.#invalid.with(provider, error).inc();
  }

  cacheMissed(): void {
    this.#misses.inc();
  }

  cacheHolds(provider: string, secrets: number): void {
    this.#cached.with(provider).set(secrets);
  }

  /** Forgets the series that were not used for longest, where there are too many. */
  #makeRoom(
    known: Map<string, unknown>,
    ...families: readonly Pick<Family<Counter | Gauge>, 'remove'>[]
  ): void {
    if (known.size < seriesLimit) return;
    const [oldest = ''] = known.keys();
    known.delete(oldest);
    const parts = oldest.split('\u0000');
    const labels = [...parts.slice(0, -1), sha256(parts.at(-1) as string), serverHash];
    for (const family of families) family.remove(...labels);
  }
}
