import { existsSync } from 'node:fs';
import { damaged, foreign, logPathOf } from '../data-dir.ts';
import { LogReader } from '../log/log-reader.ts';
import { LogFileError } from '../log/sqlite-log.ts';
import { SnapshotFile, type SnapshotSummary, writeSnapshotFile } from './snapshot-file.ts';

/**
 * Writes what a store's folder holds to a snapshot's file, as of one revision, whether or not a process is using
 * the folder; that goes on writing meanwhile. The file is read again before this returns. Throws `DataDirError`
 * when the folder is no store or is damaged.
 */
export function saveSnapshot(dir: string, path: string): SnapshotSummary {
  const logPath = logPathOf(dir);
  if (!existsSync(logPath)) throw foreign(dir, 'there is no store in it');
  try {
    const reader = new LogReader(logPath);
    try {
      writeSnapshotFile(path, reader.revision, reader.count, reader.entries());
    } finally {
      reader.close();
    }
  } catch (error) {
    if (!(error instanceof LogFileError)) throw error;
    throw error.code === 'DAMAGED' ? damaged(dir, error.message, error) : foreign(dir, error.message, error);
  }
  return snapshotStatus(path);
}

/** Reads all of a snapshot's file. Throws `SnapshotError` when a byte of it is wrong. */
export function snapshotStatus(path: string): SnapshotSummary {
  const file = new SnapshotFile(path);
  file.close();
  return file.summary;
}
