import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, it } from 'node:test';
import { partPathOf, removeLeftParts } from './part-file.ts';

const root = mkdtempSync(join(tmpdir(), 'coxswain-part-'));
after(() => rmSync(root, { recursive: true, force: true }));

it('removeLeftParts() removes what processes that are gone have left of the file, and nothing else', () => {
  const { pid: gone } = spawnSync('true');
  const path = join(root, 'snapshot');
  const others = ['.snapshot.db.1.part', `.snapshot.${gone}.part.old`, `.other.${gone}.part`, 'snapshot'];
  const kept = [...others, basename(partPathOf(path))].sort();
  for (const name of [...kept, `.snapshot.${gone}.part`]) writeFileSync(join(root, name), '');
  removeLeftParts(path);
  assert.deepEqual(readdirSync(root).sort(), kept);
});
