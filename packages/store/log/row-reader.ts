import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { CompactedError } from '../contract.ts';
import type { PastValues } from './past-key-value.ts';
import { asLogFileError, checksum, LogFileError, type LogRow } from './sqlite-log.ts';

/** Reads single rows of a log whose file is open. */
export class RowReader {
  readonly #select: StatementSync;

  constructor(db: DatabaseSync) {
    this.#select = db.prepare('SELECT created, due, sum, value FROM log WHERE revision = ?');
    this.#select.setReturnArrays(true);
  }

  /** The row of a revision that has written the key; undefined where it is gone. Throws `LogFileError`. */
  read(revision: number, key: string): (LogRow & { readonly value: Uint8Array }) | undefined {
    const found = this.#select.get(revision) as unknown as
      | [createRevision: number, due: number, sum: number, value: Uint8Array]
      | undefined;
    if (found === undefined) return undefined;
    const [createRevision, due, sum, value] = found;
    const row = { revision, key, value, createRevision, due };
    if (checksum(row) !== sum)
      throw new LogFileError('DAMAGED', `${JSON.stringify(key)}: its checksum is wrong`);
    return row;
  }
}

/** The values of a log's older revisions, read from its file while another connection writes to it. */
export class LogValues implements PastValues {
  readonly #path: string;
  #db: DatabaseSync | undefined;
  #rows: RowReader | undefined;

  /** @param path of the file, which is opened when a value is asked for */
  constructor(path: string) {
    this.#path = path;
  }

  valueOf(revision: number, key: string): Uint8Array {
    try {
      this.#db ??= new DatabaseSync(this.#path, { readOnly: true, timeout: 10_000 });
      this.#rows ??= new RowReader(this.#db);
      const row = this.#rows.read(revision, key);
      // Rows go when history is compacted, and for no other reason.
      if (row === undefined) throw new CompactedError(revision);
      return row.value;
    } catch (error) {
      throw asLogFileError(error);
    }
  }

  close(): void {
    this.#rows = undefined;
    this.#db?.close();
    this.#db = undefined;
  }
}
