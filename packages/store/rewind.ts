import type { Keyspace } from './keyspace.ts';
import type { Write } from './write.ts';

/** A write that gives a key back what it held, and when the key expires (0: never). */
export interface WriteBack {
  readonly write: Write;
  readonly due: number;
}

/**
 * The writes that undo what was written after a revision, one a key at most. What a lease would have ended by now is
 * not given back.
 *
 * @param now wall milliseconds
 */
export function writesBack(keyspace: Keyspace, revision: number, now: number): WriteBack[] {
  const writes: WriteBack[] = [];
  for (const [key, then] of keyspace.before(revision)) {
    const current = keyspace.get(key);
    const { due = 0 } = then ?? {};
    if (then === undefined || (due > 0 && due <= now)) {
      if (current !== undefined)
        writes.push({ write: { type: 'delete', key, expected: current.modRevision }, due: 0 });
    } else if (current === undefined) {
      writes.push({ write: { type: 'create', key, value: then.value }, due });
    } else if (Buffer.compare(current.value, then.value) !== 0 || current.due !== then.due) {
      const { modRevision: expected } = current;
      writes.push({ write: { type: 'update', key, value: then.value, expected }, due });
    }
  }
  return writes;
}
