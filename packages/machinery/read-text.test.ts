import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileError, isRegularFile, readText } from './read-text.ts';

test('readText() gives the text of a file, or says why it cannot as Go does', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'coxswain-read-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'a');
  writeFileSync(file, 'ä');
  assert.equal(readText(file), 'ä');
  const saying = (message: string) => (error: unknown) =>
    error instanceof FileError && error.message === message;
  assert.throws(() => readText(`${file}b`), saying(`open ${file}b: no such file or directory`));
  assert.throws(() => readText(`${file}/b`), saying(`open ${file}/b: not a directory`));
  assert.throws(() => readText(dir), saying(`read ${dir}: is a directory`));
  assert.deepEqual([isRegularFile(file), isRegularFile(dir)], [true, false]);
  assert.throws(() => isRegularFile(`${file}b`), saying(`stat ${file}b: no such file or directory`));
});
