import { mkdir, realpath, stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';

/**
 * The real path of a volume's part, which is made where it lacks. Throws when it leads out of the volume,
 * by `..` or by a link.
 *
 * @param group owner of directories that are made; absent: the volume's own
 */
export async function resolveSubPath(volumePath: string, subPath: string): Promise<string> {
  const clean = normalize(subPath);
  if (clean.startsWith('/') || clean.split('/').includes('..')) {
    throw new Error(`unable to provision SubPath \`${subPath}\`: must not contain '..'`);
  }
  const root = await realpath(volumePath);
  let at = root;
  for (const part of clean.split('/').filter((p) => p !== '' && p !== '.')) {
    const next = join(at, part);
    at = (await realpathOrNothing(next)) ?? (await makeDirectory(next, at));
    if (at !== root && !at.startsWith(`${root}/`)) {
      throw new Error(`failed to prepare subPath: path "${at}" is outside of allowed base "${root}"`);
    }
  }
  return at;
}

async function realpathOrNothing(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** With the mode of the directory that it lies in, so that who may write there may write here. */
async function makeDirectory(path: string, parent: string): Promise<string> {
  const { mode } = await stat(parent);
  await mkdir(path, { mode: mode & 0o7777 });
  return path;
}
