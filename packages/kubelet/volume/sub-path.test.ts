import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { resolveSubPath } from './sub-path.ts';

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'cox-subpath-')));
});
afterEach(() => rm(root, { recursive: true }));

test('resolveSubPath() makes the directories that lack', async () => {
  assert.equal(await resolveSubPath(root, 'a/b'), join(root, 'a/b'));
});

test('resolveSubPath() follows links that stay in the volume', async () => {
  await mkdir(join(root, 'real'));
  await symlink('real', join(root, 'link'));
  assert.equal(await resolveSubPath(root, 'link'), join(root, 'real'));
});

test('resolveSubPath() refuses links that lead out of the volume', async () => {
  await symlink('/etc', join(root, 'out'));
  await assert.rejects(resolveSubPath(root, 'out'), /outside of allowed base/);
  await assert.rejects(resolveSubPath(root, 'out/ssl'), /outside of allowed base/);
});

for (const path of ['..', '../x', 'a/../../x', '/etc']) {
  test(`resolveSubPath() refuses "${path}"`, async () => {
    await assert.rejects(resolveSubPath(root, path), /must not contain/);
  });
}
