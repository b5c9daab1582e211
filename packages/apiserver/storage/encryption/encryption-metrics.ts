import type { Counter, Family, GroupResource, MetricsRegistry } from '@coxswain/machinery';
import { encryptedMark, startsWith } from './identity.ts';

/** Prefixes name mechanism, version and key; the key does not count. */
const mechanismColons = 4;
const longestMechanism = 32;

/** Upstream's counter of what is encrypted and decrypted. */
export class EncryptionMetrics {
  readonly #operations: Family<Counter>;

  constructor(registry: MetricsRegistry) {
    this.#operations = registry.counter({
      name: 'apiserver_storage_transformation_operations_total',
      help: 'Total number of transformations. Successful transformation will have a status OK.',
      labels: ['resource', 'status', 'transformation_type', 'transformer_prefix'],
    });
  }

  /** A value came from the store or goes there. @param stored as the store has it; absent where it was not made */
  done(
    { group, resource }: GroupResource,
    type: 'from_storage' | 'to_storage',
    stored: Uint8Array | undefined,
    status: 'OK' | 'Internal',
  ): void {
    const name = group === '' ? resource : `${resource}.${group}`;
    this.#operations.with(name, status, type, stored === undefined ? 'unknown' : mechanismOf(stored)).inc();
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
