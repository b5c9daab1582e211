import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What the file of a plugin starts with; of two with one name the first wins. */
export const pluginPrefixes = ['cox-', 'kubectl-'] as const;

/** An executable on the PATH that a command line names. */
export interface Plugin {
  readonly path: string;
  readonly args: readonly string[];
}

/**
 * The plugin of a command line: of `foo bar --x` the file `kubectl-foo-bar`, else `kubectl-foo` with `bar` as its
 * argument. Dashes in words are underscores in file names.
 * @param atLeast how many words the name must have
 */
export function findPlugin(
  argv: readonly string[],
  atLeast = 1,
  path = process.env['PATH'] ?? '',
): Plugin | undefined {
  const flag = argv.findIndex((arg) => arg.startsWith('-'));
  const words = (flag < 0 ? argv : argv.slice(0, flag)).map((word) => word.replaceAll('-', '_'));
  for (let count = words.length; count >= atLeast; count--) {
    for (const prefix of pluginPrefixes) {
      const found = lookPath(`${prefix}${words.slice(0, count).join('-')}`, path);
      if (found !== undefined) return { path: found, args: argv.slice(count) };
    }
  }
  return undefined;
}

function lookPath(name: string, path: string): string | undefined {
  if (name.includes('/')) return undefined;
  return path
    .split(delimiter)
    .map((dir) => join(dir === '' ? '.' : dir, name))
    .find(isExecutable);
}

/** Whether the path is a file that may be executed. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Not there, or not for us: another one may do.
    return false;
  }
}

/** Runs the plugin on the streams of this process; gives its exit code. */
export async function runPlugin(plugin: Plugin, signal: AbortSignal): Promise<number> {
  const child = spawn(plugin.path, [...plugin.args], { stdio: 'inherit' });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
