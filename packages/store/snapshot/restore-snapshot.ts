import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { foreign, takeDataDir } from '../data-dir.ts';
import { type LogRow, SqliteLog } from '../log/sqlite-log.ts';
import type { SnapshotEntry } from './snapshot.ts';
import { SnapshotFile, type SnapshotSummary, syncFolder } from './snapshot-file.ts';

export interface RestoreOptions {
  /**
   * The store's revision is higher by so much than the snapshot's, so that what was written after the snapshot and
   * is lost has no revision in common with what will be written. Default: 0.
   */
  readonly bumpRevision?: number;
}

/**
 * Makes a store's folder from a snapshot's file. The folder must be absent or empty. It is there with all of the
 * snapshot when this returns, and not at all when it throws: `SnapshotError` for a damaged file, `DataDirError`
 * for a folder that is in use.
 */
export function restoreSnapshot(path: string, dir: string, options: RestoreOptions = {}): SnapshotSummary {
  const file = new SnapshotFile(path);
  try {
    if (existsSync(dir) && readdirSync(dir).length > 0)
      throw foreign(dir, 'a snapshot is restored only into a new folder, and this one is in use');
    const parent = dirname(dir);
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    // Only one that was killed leaves its folder behind.
    for (const name of readdirSync(parent)) {
      if (name.startsWith(`.${basename(dir)}.restoring-`))
        rmSync(join(parent, name), { recursive: true, force: true });
    }
    const made = mkdtempSync(join(parent, `.${basename(dir)}.restoring-`));
    try {
      fill(made, file, options.bumpRevision ?? 0);
      syncFolder(made);
      renameSync(made, dir);
      syncFolder(parent);
    } catch (error) {
      rmSync(made, { recursive: true, force: true });
      throw error;
    }
    return file.summary;
  } finally {
    file.close();
  }
}

function fill(dir: string, file: SnapshotFile, bump: number): void {
  const dataDir = takeDataDir(dir);
  try {
    const log = SqliteLog.open({ path: dataDir.logPath });
    try {
      log.restore(file.summary.revision + bump, rowsOf(file.entriesByRevision()));
    } finally {
      log.close();
    }
    dataDir.markBegun();
  } finally {
    dataDir.release();
  }
}

function* rowsOf(entries: Iterable<SnapshotEntry>): Generator<LogRow> {
  for (const { modRevision, ...entry } of entries) yield { ...entry, revision: modRevision };
}
