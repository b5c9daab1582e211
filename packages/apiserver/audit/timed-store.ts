import type { Clock } from '@coxswain/machinery';
import type { Store } from '@coxswain/store';
import type { AuditTrail } from './trail.ts';

/** A store that notes of one request how long it waits for what it asks. */
export function timedStore(store: Store, audit: AuditTrail, clock: Clock): Store {
  const timed = async <T>(asked: Promise<T>): Promise<T> => {
    const began = clock.monotonic();
    try {
      return await asked;
    } finally {
      audit.spent('etcd', clock.monotonic() - began);
    }
  };
  const { readRevision, compactTogether } = store;
  return {
    get revision() {
      return store.revision;
    },
    get compactedRevision() {
      return store.compactedRevision;
    },
    ...(readRevision === undefined ? {} : { readRevision: () => timed(readRevision.call(store)) }),
    get: (key) => timed(store.get(key)),
    range: (request) => timed(store.range(request)),
    create: (key, value, options) => timed(store.create(key, value, options)),
    update: (key, value, revision, options) => timed(store.update(key, value, revision, options)),
    delete: (key, revision) => timed(store.delete(key, revision)),
    watch: (request) => store.watch(request),
    compact: (revision) => store.compact(revision),
    ...(compactTogether === undefined
      ? {}
      : { compactTogether: (version, revision) => compactTogether.call(store, version, revision) }),
    close: () => store.close(),
  };
}
