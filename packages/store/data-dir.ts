import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DataDirError } from './contract.ts';
import { isBusy } from './log/sqlite-log.ts';

const files = { log: 'store.db', lock: 'lock', owner: 'owner.json', marker: 'FORMAT' };
const markerText = 'coxswain store 1\n';

/** A data dir that this process alone holds. */
export interface DataDir {
  /** Path of the log's file. */
  readonly logPath: string;
  /** The log has never been begun. */
  readonly fresh: boolean;
  /** Says, durably, that the log exists: its absence is a damage from now on. */
  markBegun(): void;
  /** Lets others have it. */
  release(): void;
}

/**
 * Takes a data dir, making it where it is absent. Files are readable by their owner only. Throws
 * `DataDirError`, having changed nothing, when it is another's.
 */
export function takeDataDir(dir: string): DataDir {
  refuseForeign(dir);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = takeLock(dir);
  try {
    chmodSync(dir, 0o700);
    writeWhole(join(dir, files.owner), JSON.stringify({ pid: process.pid }));
    const logPath = logPathOf(dir);
    const begun = existsSync(join(dir, files.marker));
    if (begun && (!existsSync(logPath) || statSync(logPath).size === 0)) {
      throw damaged(dir, `${files.log} is missing or empty`);
    }
    closeSync(openSync(logPath, 'a', 0o600));
    chmodSync(logPath, 0o600);
    return {
      logPath,
      fresh: !begun,
      markBegun: () => {
        if (!begun) writeWhole(join(dir, files.marker), markerText);
      },
      release: () => lock.close(),
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** Where a data dir has its log. */
export function logPathOf(dir: string): string {
  return join(dir, files.log);
}

/** The refusal of a data dir whose contents cannot be trusted. */
export function damaged(dir: string, why: string, cause?: unknown): DataDirError {
  const message = `open the data dir ${JSON.stringify(dir)}: it is damaged: ${why}; restore it from a snapshot or choose another`;
  return new DataDirError('DATA_DIR_DAMAGED', message, { cause });
}

/** The refusal of a data dir that something else made. */
export function foreign(dir: string, why: string, cause?: unknown): DataDirError {
  const message = `open the data dir ${JSON.stringify(dir)}: ${why}; nothing was changed, choose another`;
  return new DataDirError('DATA_DIR_FOREIGN', message, { cause });
}

function refuseForeign(dir: string): void {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    if (code === 'ENOTDIR') throw foreign(dir, 'it is not a directory', error);
    throw error;
  }
  if (names.includes(files.marker)) {
    const text = readFileSync(join(dir, files.marker), 'utf8');
    if (text !== markerText) throw foreign(dir, `its format is ${JSON.stringify(text.trim().slice(0, 40))}`);
    return;
  }
  const ours = new Set<string>(Object.values(files));
  const other = names.find((name) => !ours.has(name.replace(/-(wal|shm|journal)$/, '')));
  if (other !== undefined) throw foreign(dir, `it holds other files (${JSON.stringify(other)})`);
}

/** SQLite's own file lock: the system drops it when the process ends, however it ends. */
function takeLock(dir: string): DatabaseSync {
  const path = join(dir, files.lock);
  closeSync(openSync(path, 'a', 0o600));
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw damaged(dir, `${files.lock}: ${(error as Error).message}`, error);
    const pid = ownerPid(dir);
    const who = pid === undefined ? 'another process' : `process ${pid}`;
    const message = `open the data dir ${JSON.stringify(dir)}: ${who} is using it; stop that first, or choose another`;
    throw new DataDirError('DATA_DIR_LOCKED', message, { cause: error });
  }
}

/** The holder's process id, where it has written it already. */
function ownerPid(dir: string): number | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, files.owner), 'utf8')).pid;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function writeWhole(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
