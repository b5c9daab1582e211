import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { findPlugin } from './find-plugin.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-plugins-'));
const [first, second] = [join(dir, 'first'), join(dir, 'second')];
after(() => rmSync(dir, { recursive: true, force: true }));
for (const [folder, name, mode] of [
  [first, 'kubectl-foo', 0o755],
  [first, 'kubectl-foo-bar', 0o755],
  [first, 'kubectl-under_score', 0o755],
  [first, 'kubectl-still', 0o644],
  [first, 'kubectl-create-thing', 0o755],
  [second, 'kubectl-still', 0o755],
  [second, 'cox-foo', 0o755],
] as const) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), '#!/bin/sh\n');
  chmodSync(join(folder, name), mode);
}
const path = [first, second].join(delimiter);

describe('findPlugin()', () => {
  const found = (...argv: string[]) => findPlugin(argv, 1, path);

  test('takes the longest name, and gives what is left as arguments', () => {
    assert.deepEqual(found('foo', 'bar', 'baz', '--x'), {
      path: join(first, 'kubectl-foo-bar'),
      args: ['baz', '--x'],
    });
  });

  test('takes no words behind a flag for the name', () => {
    assert.deepEqual(found('foo', '--x', 'bar')?.args, ['--x', 'bar']);
  });

  test('prefers a plugin of cox, also further on the path', () => {
    assert.equal(found('foo')?.path, join(second, 'cox-foo'));
  });

  test('reads dashes within a word as underscores', () => {
    assert.equal(found('under-score')?.path, join(first, 'kubectl-under_score'));
  });

  test('passes over what cannot be executed', () => {
    assert.equal(found('still')?.path, join(second, 'kubectl-still'));
  });

  test('finds nothing for flags alone, folders or names that are too short', () => {
    assert.equal(found('--foo'), undefined);
    assert.equal(found('../first/kubectl-foo'), undefined);
    assert.equal(findPlugin(['create', 'other'], 2, path), undefined);
    assert.equal(findPlugin(['create', 'thing'], 2, path)?.path, join(first, 'kubectl-create-thing'));
  });
});
