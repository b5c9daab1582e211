import { chmod, lchown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Read and write, and search for directories, of owner and group; directories hand their group on. */
const fileBits = 0o660;
const readOnlyBits = 0o440;
const searchBits = 0o110;
const setGroupId = 0o2000;

/** Gives a tree to the pod's group, as upstream's SetVolumeOwnership. */
export async function giveToGroup(path: string, group: number, readOnly: boolean): Promise<void> {
  const info = await lstat(path);
  await lchown(path, info.uid, group);
  if (info.isSymbolicLink()) return;
  const bits = readOnly ? readOnlyBits : fileBits;
  const extra = info.isDirectory() ? bits | searchBits | setGroupId : bits;
  await chmod(path, (info.mode & 0o7777) | extra);
  if (!info.isDirectory()) return;
  for (const name of await readdir(path)) await giveToGroup(join(path, name), group, readOnly);
}

/** Whether the root of the tree is the group's already, for the policy OnRootMismatch. */
export async function isOwnedByGroup(path: string, group: number): Promise<boolean> {
  const info = await lstat(path);
  const wanted = fileBits | searchBits | setGroupId;
  return info.gid === group && (info.mode & wanted) === wanted;
}
