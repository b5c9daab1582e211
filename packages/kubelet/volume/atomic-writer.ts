import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

/** One file that a volume shows. */
export interface ProjectedFile {
  readonly data: Uint8Array;
  readonly mode: number;
  /** Owner of the file; absent: the kubelet's own. */
  readonly uid?: number;
}

/** Files by their path inside the volume. */
export type Payload = ReadonlyMap<string, ProjectedFile>;

const dataLink = '..data';
const newDataLink = '..data_tmp';

/**
 * Writes a volume's files so that a reader sees all of the old or all of the new: they lie in a directory of
 * their own, which the link `..data` names, and each visible name is a link through it.
 *
 * @param stamp names the new directory, such as `2026_01_31_12_00_00.`
 * @param ready called with the new directory before it becomes visible, for ownership
 * @returns whether anything has changed
 */
export async function writeAtomically(
  root: string,
  payload: Payload,
  stamp: string,
  ready: (directory: string) => Promise<void> = async () => {},
): Promise<boolean> {
  for (const path of payload.keys()) checkPath(path);
  await mkdir(root, { recursive: true });
  const current = await readLinkOrNothing(join(root, dataLink));
  const old = current === undefined ? undefined : await readTree(join(root, current));
  if (old && sameFiles(old, payload)) return false;

  const directory = await mkdtemp(join(root, `..${stamp}`));
  await chmod(directory, 0o755);
  for (const [path, file] of payload) {
    const target = join(directory, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, file.data, { mode: file.mode });
    // The process's umask must not take bits away.
    await chmod(target, file.mode);
    if (file.uid !== undefined) await chown(target, file.uid, -1);
  }
  await ready(directory);

  const temporary = join(root, newDataLink);
  await rm(temporary, { force: true });
  await symlink(directory.slice(root.length + 1), temporary);
  await rename(temporary, join(root, dataLink));
  await linkVisibleNames(root, payload);
  if (current !== undefined) await rm(join(root, current), { recursive: true, force: true });
  return true;
}

function checkPath(path: string): void {
  const parts = path.split('/');
  if (path === '' || path.startsWith('/') || parts.includes('..') || path.startsWith('..')) {
    throw new Error(`invalid path in volume: "${path}"`);
  }
  if (normalize(path) !== path) throw new Error(`invalid path in volume: "${path}"`);
}

async function linkVisibleNames(root: string, payload: Payload): Promise<void> {
  const wanted = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? ''));
  const present = (await readdir(root)).filter((name) => !name.startsWith('..'));
  for (const name of present) {
    if (!wanted.has(name)) await rm(join(root, name), { recursive: true, force: true });
  }
  for (const name of wanted) {
    if (!present.includes(name)) await symlink(join(dataLink, name), join(root, name));
  }
}

async function readLinkOrNothing(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function readTree(root: string): Promise<Map<string, ProjectedFile> | undefined> {
  const files = new Map<string, ProjectedFile>();
  try {
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const { mode, uid } = await lstat(path);
      files.set(path.slice(root.length + 1), { data: await readFile(path), mode: mode & 0o777, uid });
    }
  } catch (error) {
    // A crash may have left a link to nowhere: write anew.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return files;
}

/** Modes are left out: the group's bits are widened for the pod's group after writing. */
function sameFiles(old: Payload, payload: Payload): boolean {
  if (old.size !== payload.size) return false;
  for (const [path, file] of payload) {
    const before = old.get(path);
    if (!before || Buffer.compare(before.data, file.data) !== 0) return false;
    if (file.uid !== undefined && before.uid !== file.uid) return false;
  }
  return true;
}
