import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type Payload, writeAtomically } from './atomic-writer.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-writer-'));
});
afterEach(() => rm(root, { recursive: true }));

const stamp = '2026_01_31_12_00_00.';

function files(contents: Record<string, string>, mode = 0o644): Payload {
  return new Map(Object.entries(contents).map(([path, text]) => [path, { data: Buffer.from(text), mode }]));
}

test('writeAtomically() shows files through one link when written for the first time', async () => {
  assert.equal(await writeAtomically(root, files({ a: '1', 'dir/b': '2' }, 0o640), stamp), true);
  assert.equal(await readFile(join(root, 'a'), 'utf8'), '1');
  assert.equal(await readFile(join(root, 'dir/b'), 'utf8'), '2');
  assert.equal(await readlink(join(root, 'a')), '..data/a');
  assert.equal((await stat(join(root, 'a'))).mode & 0o777, 0o640);
  assert.match(await readlink(join(root, '..data')), /^\.\.2026_01_31_12_00_00\./);
});

test('writeAtomically() changes nothing when the files are the same', async () => {
  await writeAtomically(root, files({ a: '1' }), stamp);
  const before = await readlink(join(root, '..data'));
  assert.equal(await writeAtomically(root, files({ a: '1' }), stamp), false);
  assert.equal(await readlink(join(root, '..data')), before);
});

test('writeAtomically() replaces, adds and removes when the files differ', async () => {
  await writeAtomically(root, files({ a: '1', 'gone/x': 'x' }), stamp);
  await writeAtomically(root, files({ a: '2', b: 'new' }), stamp);
  const visible = (await readdir(root)).filter((name) => !name.startsWith('..'));
  assert.deepEqual(visible.sort(), ['a', 'b']);
  assert.equal(await readFile(join(root, 'a'), 'utf8'), '2');
  // Of the directories of contents only the one in use is left.
  assert.equal((await readdir(root)).filter((name) => name.startsWith('..2026')).length, 1);
});

for (const path of ['../out', '/abs', 'a/../../b', '..data', '']) {
  test(`writeAtomically() refuses the path "${path}"`, async () => {
    await assert.rejects(writeAtomically(root, files({ [path]: 'x' }), stamp), /invalid path/);
  });
}
