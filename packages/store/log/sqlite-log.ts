import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';

/** One revision as it is stored. */
export interface LogRow {
  readonly revision: number;
  readonly key: string;
  /** Absent: the key was deleted. */
  readonly value: Uint8Array | undefined;
  readonly createRevision: number;
  /** Wall milliseconds at which the key expires; 0: never. */
  readonly due: number;
}

export interface LogOptions {
  readonly path: string;
  /** The file grows no larger; writes beyond fail as if the disk were full. */
  readonly maxBytes?: number;
}

/** SQLite's default. */
const pageBytes = 4_096;

/** 'COXS': tells our files from other SQLite databases. */
export const applicationId = 0x434f5853;
export const schemaVersion = 1;

/** SQLite's primary result codes. */
const codes = { busy: 5, corrupt: 11, full: 13, notADatabase: 26 };

/** The file is not one of ours, or bytes of it have changed. */
export class LogFileError extends Error {
  override readonly name = 'LogFileError';
  readonly code: 'DAMAGED' | 'FOREIGN';

  constructor(code: LogFileError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** SQLite's primary result code of an error; 0 when it is not SQLite's. */
function codeOf(error: unknown): number {
  return ((error as { errcode?: number }).errcode ?? 0) & 0xff;
}

export const isBusy = (error: unknown): boolean => codeOf(error) === codes.busy;
export const isDiskFull = (error: unknown): boolean => codeOf(error) === codes.full;

/** The error of a damaged file as such. */
export function asLogFileError(error: unknown): unknown {
  const code = codeOf(error);
  if (code !== codes.corrupt && code !== codes.notADatabase) return error;
  return new LogFileError('DAMAGED', (error as Error).message, { cause: error });
}

/**
 * A table of revisions in an SQLite file: written at its end, one transaction a batch; compaction deletes
 * rows, and their pages are used again. A commit that has returned is on the disk (WAL, synchronous=FULL).
 */
export class SqliteLog {
  readonly options: LogOptions;
  readonly #db: DatabaseSync;
  #insert: StatementSync | undefined;
  #remove: StatementSync | undefined;

  private constructor(options: LogOptions, db: DatabaseSync) {
    this.options = options;
    this.#db = db;
  }

  /** Opens the file, making its table where it is empty. Throws `LogFileError`. */
  static open(options: LogOptions): SqliteLog {
    const { path, maxBytes } = options;
    const db = new DatabaseSync(path, { timeout: 10_000 });
    try {
      const found = Number(db.prepare('PRAGMA application_id').get()?.['application_id']);
      const empty = found === 0 && Number(db.prepare('PRAGMA page_count').get()?.['page_count']) <= 1;
      if (!empty && found !== applicationId)
        throw new LogFileError('FOREIGN', 'the file is another database');
      db.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864');
      if (empty) createSchema(db);
      const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
      if (version !== schemaVersion) {
        throw new LogFileError(
          'FOREIGN',
          `its format is version ${version}, this program knows ${schemaVersion}`,
        );
      }
      if (maxBytes !== undefined) db.exec(`PRAGMA max_page_count=${Math.ceil(maxBytes / pageBytes)}`);
      return new SqliteLog(options, db);
    } catch (error) {
      db.close();
      throw asLogFileError(error);
    }
  }

  /** Revision up to which history is gone. Throws `LogFileError` when it is damaged. */
  get compactedRevision(): number {
    try {
      const row = this.#db.prepare("SELECT value, sum FROM meta WHERE name = 'compacted'").get();
      const value = Number(row?.['value']);
      if (row?.['sum'] === checksumOfMeta('compacted', value)) return value;
      throw new LogFileError('DAMAGED', 'the compacted revision: its checksum is wrong');
    } catch (error) {
      throw asLogFileError(error);
    }
  }

  #setCompactedRevision(revision: number): void {
    const sum = checksumOfMeta('compacted', revision);
    this.#db.prepare("UPDATE meta SET value = ?, sum = ? WHERE name = 'compacted'").run(revision, sum);
  }

  /** Gives all rows in order of their revisions. Throws `LogFileError` when one of them is damaged. */
  read(onRow: (row: LogRow) => void): void {
    const statement = this.#db.prepare(
      'SELECT revision, created, due, sum, key, value FROM log ORDER BY revision',
    );
    statement.setReturnArrays(true);
    try {
      for (const columns of statement.iterate() as unknown as Iterable<unknown[]>) {
        const [revision, createRevision, due, sum, key, value] = columns as [
          number,
          number,
          number,
          number,
          string,
          Uint8Array | null,
        ];
        const row: LogRow = {
          revision,
          key,
          value: value ? bufferOf(value) : undefined,
          createRevision,
          due,
        };
        if (checksum(row) !== sum) {
          throw new LogFileError(
            'DAMAGED',
            `revision ${revision} (${JSON.stringify(key)}): its checksum is wrong`,
          );
        }
        onRow(row);
      }
    } catch (error) {
      throw asLogFileError(error);
    }
  }

  /** Writes rows; they are on the disk when it returns, and none of them when it throws. */
  append(rows: readonly LogRow[]): void {
    this.#transaction(() => this.#insertRows(rows));
  }

  /** Replaces everything by rows without history before `revision`. */
  restore(revision: number, rows: Iterable<LogRow>): void {
    this.#transaction(() => {
      this.#db.exec('DELETE FROM log');
      this.#setCompactedRevision(revision);
      this.#insertRows(rows);
    });
  }

  #insertRows(rows: Iterable<LogRow>): void {
    this.#insert ??= this.#db.prepare(
      'INSERT INTO log (revision, created, due, sum, key, value) VALUES (?, ?, ?, ?, ?, ?)',
    );
    for (const row of rows) {
      const { revision, createRevision, due, key, value } = row;
      this.#insert.run(revision, createRevision, due, checksum(row), key, value ?? null);
    }
  }

  /** Raises the compacted revision and deletes rows. */
  compact(revision: number, rows: Iterable<number>): void {
    this.#remove ??= this.#db.prepare('DELETE FROM log WHERE revision = ?');
    const remove = this.#remove;
    this.#transaction(() => {
      if (revision > this.compactedRevision) this.#setCompactedRevision(revision);
      for (const row of rows) remove.run(row);
    });
  }

  /** Commits by this connection no longer wait until what was written is carried over to the file: another one's do. */
  leaveCheckpoints(): void {
    this.#db.exec('PRAGMA wal_autocheckpoint=0');
  }

  close(): void {
    this.#insert = undefined;
    this.#remove = undefined;
    this.#db.close();
  }

  #transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      // A full disk or an I/O error may have ended the transaction already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw asLogFileError(error);
    }
  }
}

/** The same memory as the kind of array that those who serve the value need: they make no second one. */
function bufferOf(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function createSchema(db: DatabaseSync): void {
  db.exec(`
    BEGIN IMMEDIATE;
    PRAGMA application_id = ${applicationId};
    PRAGMA user_version = ${schemaVersion};
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;
    INSERT INTO meta VALUES ('compacted', 0, ${checksumOfMeta('compacted', 0)});
    CREATE TABLE log (
      revision INTEGER PRIMARY KEY,
      created INTEGER NOT NULL,
      due INTEGER NOT NULL,
      sum INTEGER NOT NULL,
      key TEXT NOT NULL,
      value BLOB
    ) STRICT;
    COMMIT;
  `);
}

/** Finds bytes that changed on the disk, which SQLite itself does not look for. */
export function checksum(row: LogRow): number {
  const { revision, createRevision, due, key, value } = row;
  const head = crc32(`${revision} ${createRevision} ${due} ${value === undefined ? '-' : '+'} ${key}`);
  return value === undefined ? head : crc32(value, head);
}

export function checksumOfMeta(name: string, value: number): number {
  return crc32(`${name} ${value}`);
}
