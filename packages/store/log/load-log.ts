import type { KeyValue, StoreEvent } from '../contract.ts';
import { EventLog } from '../event-log.ts';
import { firstRevision, Keyspace } from '../keyspace.ts';
import { SortedMap } from '../sorted-map.ts';
import { mortal } from '../write.ts';
import type { PastValues } from './past-key-value.ts';
import { LogFileError, type SqliteLog } from './sqlite-log.ts';

/** What a log's file holds. */
export interface LoadedLog {
  readonly keyspace: Keyspace;
  readonly leases: ReadonlyMap<string, number>;
  /** Rows that a compaction, cut short, has left behind. */
  readonly garbage: readonly number[];
}

/**
 * Builds the state from the file's rows. Throws `LogFileError` when revisions are missing.
 *
 * @param past reads values of the file again
 */
export function loadLog(log: SqliteLog, past: PastValues): LoadedLog {
  const { compactedRevision } = log;
  const current = new Map<string, KeyValue>();
  const leases = new Map<string, number>();
  const garbage: number[] = [];
  let revision = Math.max(firstRevision, compactedRevision);
  const history = new EventLog(revision + 1, past);
  log.read((row) => {
    const { key, value, createRevision, due } = row;
    const previous = current.get(key);
    const kv = value && mortal({ key, value, createRevision, modRevision: row.revision }, due);
    if (kv === undefined) current.delete(key);
    else current.set(key, kv);
    if (kv === undefined || due === 0) leases.delete(key);
    else leases.set(key, due);
    if (row.revision <= compactedRevision) {
      if (previous !== undefined) garbage.push(previous.modRevision);
      if (kv === undefined) garbage.push(row.revision);
      return;
    }
    revision++;
    if (row.revision !== revision) {
      throw new LogFileError('DAMAGED', `revision ${revision} is missing, ${row.revision} follows`);
    }
    if (kv !== undefined)
      history.append(previous === undefined ? { type: 'put', kv } : { type: 'put', kv, previous });
    else if (previous !== undefined) history.append({ type: 'delete', kv: previous, revision });
    else
      throw new LogFileError(
        'DAMAGED',
        `revision ${revision} deletes ${JSON.stringify(key)}, which is missing`,
      );
  });
  const keys = [...current.keys()].sort();
  const sorted = SortedMap.fromSorted(
    keys,
    keys.map((key) => current.get(key)!),
  );
  const keyspace = new Keyspace({ current: sorted, log: history, revision, compactedRevision });
  return { keyspace, leases, garbage };
}

/** The rows that a compaction makes superfluous, given the events that it drops. */
export function rowsOfDropped(events: readonly StoreEvent[]): number[] {
  const rows: number[] = [];
  for (const event of events) {
    if (event.type === 'delete') rows.push(event.kv.modRevision, event.revision);
    else if (event.previous !== undefined) rows.push(event.previous.modRevision);
  }
  return rows;
}
