import {
  type Clock,
  type Counter,
  exponentialBuckets,
  type Family,
  type GroupResource,
  type Histogram,
  type MetricsRegistry,
} from '@coxswain/machinery';
import { encryptedMark, startsWith } from './identity.ts';

/** Prefixes name mechanism, version and key; the key does not count. */
const mechanismColons = 4;
const longestMechanism = 32;
/** From five microseconds, which a key at hand takes, to more than a minute of a plugin. */
const durationBuckets = exponentialBuckets(5e-6, 2, 25);

type Direction = 'from_storage' | 'to_storage';

/** Upstream's metrics of what is encrypted and decrypted. */
export class EncryptionMetrics {
  readonly #clock: Clock;
  readonly #operations: Family<Counter>;
  readonly #durations: Family<Histogram>;

  constructor(registry: MetricsRegistry, clock: Clock) {
    this.#clock = clock;
    this.#operations = registry.counter({
      name: 'apiserver_storage_transformation_operations_total',
      help: 'Total number of transformations. Successful transformation will have a status OK.',
      labels: ['resource', 'status', 'transformation_type', 'transformer_prefix'],
    });
    this.#durations = registry.histogram({
      name: 'apiserver_storage_transformation_duration_seconds',
      help: 'How long it took to encrypt or decrypt a value.',
      labels: ['transformation_type', 'transformer_prefix'],
      buckets: durationBuckets,
    });
  }

  /** When an operation begins. */
  begin(): number {
    return this.#clock.monotonic();
  }

  /**
   * A value came from the store or goes there.
   * @param began what `begin` gave
   * @param stored as the store has it; absent where it was not made
   */
  done(
    began: number,
    { group, resource }: GroupResource,
    type: Direction,
    stored: Uint8Array | undefined,
    status: string,
  ): void {
    const name = group === '' ? resource : `${resource}.${group}`;
    const mechanism = stored === undefined ? 'unknown' : mechanismOf(stored);
    this.#operations.with(name, status, type, mechanism).inc();
    if (status === 'OK') {
      this.#durations.with(type, mechanism).observe((this.#clock.monotonic() - began) / 1000);
    }
  }
}

/** `k8s:enc:aesgcm:v1:`, or `identity`. */
function mechanismOf(stored: Uint8Array): string {
  if (!startsWith(stored, encryptedMark)) return 'identity';
  const head = Buffer.from(stored.buffer, stored.byteOffset, Math.min(stored.length, longestMechanism));
  let end = 0;
  for (let i = 0; i < mechanismColons; i++) end = head.indexOf(':', end) + 1;
  return head.toString('latin1', 0, end);
}
