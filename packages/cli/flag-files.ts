import { FileError, readText as readFile } from '@coxswain/machinery';
import { CliError, UsageError } from './cli-error.ts';
import type { Flags } from './flags.ts';

/** A certificate and its key, PEM, from the files that two flags name; undefined when neither is given. */
export function pairFromFiles(
  flags: Flags,
  certFlag: string,
  keyFlag: string,
): { cert: string; key: string } | undefined {
  const cert = fileOf(flags, certFlag);
  const key = fileOf(flags, keyFlag);
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new UsageError(`error: --${certFlag} and --${keyFlag} go together`);
  }
  return { cert, key };
}

/** The text of the file that a flag names. */
export function fileOf(flags: Flags, name: string): string | undefined {
  const path = flags.string(name);
  return path === undefined ? undefined : readText(path, `cannot read --${name}`);
}

/** The text of a file. @param what what the error says was being done with it: `cannot read --FLAG` */
export function readText(path: string, what: string): string {
  try {
    return readFile(path);
  } catch (cause) {
    if (!(cause instanceof FileError)) throw cause;
    throw new CliError(`error: ${what}: ${cause.message}`, 1, { cause });
  }
}
