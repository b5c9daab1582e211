import type { Stats } from 'node:fs';
import { mkdir, stat, writeFile } from 'node:fs/promises';

async function statOrNothing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Sees to it that a hostPath is what its type says, making it where the type says so. */
export async function checkHostPath(path: string, type: string): Promise<void> {
  if (type === '') return;
  const found = await statOrNothing(path);
  const must = (ok: boolean, what: string): void => {
    if (!ok) throw new Error(`hostPath type check failed: ${path} is not a ${what}`);
  };
  switch (type) {
    case 'DirectoryOrCreate':
      if (!found) await mkdir(path, { recursive: true, mode: 0o755 });
      else must(found.isDirectory(), 'directory');
      return;
    case 'FileOrCreate':
      if (!found) await writeFile(path, '', { mode: 0o644 });
      else must(found.isFile(), 'file');
      return;
    case 'Directory':
      return must(found?.isDirectory() === true, 'directory');
    case 'File':
      return must(found?.isFile() === true, 'file');
    case 'Socket':
      return must(found?.isSocket() === true, 'socket file');
    case 'CharDevice':
      return must(found?.isCharacterDevice() === true, 'character device');
    case 'BlockDevice':
      return must(found?.isBlockDevice() === true, 'block device');
    default:
      throw new Error(`${type} is an invalid volume type`);
  }
}
