import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, it } from 'node:test';
import { openEmbeddedStore } from '@coxswain/store';
import { CliError, UsageError } from '../cli-error.ts';
import { runCommand } from '../command.ts';
import { snapshot } from './snapshot.ts';

const root = mkdtempSync(join(tmpdir(), 'coxswain-snapshot-'));
after(() => rmSync(root, { recursive: true, force: true }));
const at = (name: string): string => join(root, name);

before(async () => {
  const store = await openEmbeddedStore({ dir: at('data/store') });
  for (let i = 0; i < 10; i++) await store.create(`/registry/k/${i}`, Buffer.from(`${i}`));
  await store.close();
});

async function cox(...argv: string[]): Promise<string> {
  const out = new PassThrough();
  const streams = { out, err: new PassThrough(), in: new PassThrough() };
  assert.equal(await runCommand(snapshot, argv, streams, new AbortController().signal), 0);
  return String(out.read());
}

it('a saved snapshot has the status that was told, and another server goes on from it', async () => {
  const file = at('snap');
  const saved = await cox('save', file, '--data-dir', at('data'), '-o', 'json');
  assert.equal(await cox('status', file, '-o', 'json'), saved);
  assert.deepEqual([JSON.parse(saved).revision, JSON.parse(saved).totalKey], [11, 10]);
  mkdirSync(at('new/pki'), { recursive: true });
  assert.match(
    await cox('restore', file, '--data-dir', at('new'), '--bump-revision', '89'),
    /^Snapshot restored to .*\nrevision 11, 10 keys, \d+ bytes, sha256 [0-9a-f]{64}\n$/,
  );
  const store = await openEmbeddedStore({ dir: at('new/store') });
  assert.deepEqual([store.revision, (await store.range({ prefix: '' })).count], [100, 10]);
  await store.close();
});

it('restore refuses a damaged file and a data dir in use, and leaves both alone', async () => {
  const file = at('snap2');
  await cox('save', file, '--data-dir', at('data'));
  const inUse = (error: unknown): boolean => error instanceof CliError && /is not empty/.test(error.message);
  await assert.rejects(cox('restore', file, '--data-dir', at('data')), inUse);
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(file, bytes);
  const damaged = /is not a whole snapshot: its checksum is wrong/;
  await assert.rejects(cox('status', file), damaged);
  await assert.rejects(cox('restore', file, '--data-dir', at('other')), damaged);
  assert.deepEqual(readdirSync(root).includes('other'), false);
});

it('wrong calls are told', async () => {
  await assert.rejects(cox('save'), UsageError);
  await assert.rejects(cox('copy', at('x')), UsageError);
  await assert.rejects(cox('restore', at('x')), UsageError);
  await assert.rejects(cox('status', at('absent')), /ENOENT/);
  await assert.rejects(cox('save', at('x'), '--data-dir', at('absent')), /there is no store in it/);
});
