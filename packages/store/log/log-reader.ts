import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { SnapshotEntry } from '../snapshot/snapshot.ts';
import { RowReader } from './row-reader.ts';
import { applicationId, asLogFileError, checksumOfMeta, LogFileError, schemaVersion } from './sqlite-log.ts';

/**
 * Reads a log's file as it is at one moment, while a process that holds the data dir goes on writing to it: the
 * database keeps for this reader what it has begun to read. Close it soon, as the file's write-ahead log grows
 * meanwhile.
 */
export class LogReader {
  readonly #db: DatabaseSync;
  /** Revision of the last write. */
  readonly revision: number;
  /** The last rows of the keys that are there, by key. */
  readonly #rows: ReadonlyMap<string, number>;

  /** Opens the file of a store. Throws `LogFileError` when it is another's or damaged. */
  constructor(path: string) {
    this.#db = new DatabaseSync(path, { readOnly: true, timeout: 10_000 });
    try {
      const pragma = (name: string): number => Number(this.#db.prepare(`PRAGMA ${name}`).get()?.[name]);
      if (pragma('application_id') !== applicationId)
        throw new LogFileError('FOREIGN', 'the file is another database');
      const version = pragma('user_version');
      if (version !== schemaVersion) {
        const message = `its format is version ${version}, this program knows ${schemaVersion}`;
        throw new LogFileError('FOREIGN', message);
      }
      this.#db.exec('BEGIN');
      const compacted = this.#compactedRevision();
      const rows = new Map<string, number>();
      let revision = Math.max(1, compacted);
      for (const [at, key, deleted] of this.#select(
        'SELECT revision, key, value IS NULL FROM log ORDER BY revision',
      ) as Iterable<[number, string, number]>) {
        if (deleted === 1) rows.delete(key);
        else rows.set(key, at);
        if (at <= compacted) continue;
        revision++;
        if (at !== revision)
          throw new LogFileError('DAMAGED', `revision ${revision} is missing, ${at} follows`);
      }
      this.revision = revision;
      this.#rows = rows;
    } catch (error) {
      this.#db.close();
      throw asLogFileError(error);
    }
  }

  /** How many keys there are. */
  get count(): number {
    return this.#rows.size;
  }

  /** What the keys hold, in key order. Throws `LogFileError` when one is damaged. */
  *entries(): Generator<SnapshotEntry> {
    const rows = new RowReader(this.#db);
    try {
      for (const key of [...this.#rows.keys()].sort()) {
        const row = rows.read(this.#rows.get(key)!, key);
        if (row === undefined)
          throw new LogFileError('DAMAGED', `${JSON.stringify(key)}: its row is missing`);
        const { revision: modRevision, value, createRevision, due } = row;
        yield { key, value, createRevision, modRevision, due };
      }
    } catch (error) {
      throw asLogFileError(error);
    }
  }

  close(): void {
    this.#db.close();
  }

  #compactedRevision(): number {
    const [[value, sum] = [-1, 0]] = [
      ...this.#select("SELECT value, sum FROM meta WHERE name = 'compacted'"),
    ] as [number, number][];
    if (sum === checksumOfMeta('compacted', value)) return value;
    throw new LogFileError('DAMAGED', 'the compacted revision: its checksum is wrong');
  }

  #select(sql: string): Iterable<unknown[]> {
    const statement: StatementSync = this.#db.prepare(sql);
    statement.setReturnArrays(true);
    return statement.iterate() as unknown as Iterable<unknown[]>;
  }
}
