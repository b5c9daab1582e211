import { readFileSync, statSync } from 'node:fs';

const causes: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
};

/** A file cannot be used; the message is Go's: `open /f: no such file or directory`. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly code = 'FILE_UNREADABLE';
}

/** The text of a file. @throws {FileError} */
export function readText(path: string): string {
  return told('open', path, () => readFileSync(path, 'utf8'));
}

/** Whether there is a file that is no directory or device. @throws {FileError} when nothing is there */
export function isRegularFile(path: string): boolean {
  return told('stat', path, () => statSync(path).isFile());
}

function told<T>(operation: 'open' | 'stat', path: string, use: () => T): T {
  try {
    return use();
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    // a directory can be opened, but not read
    const failed = code === 'EISDIR' ? 'read' : operation;
    throw new FileError(`${failed} ${path}: ${causes[code] ?? message}`, { cause });
  }
}
