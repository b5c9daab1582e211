import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pauseProgram } from './pause-program.ts';

test('pauseProgram() is a 64-bit ELF for the processor it is asked for', () => {
  for (const [architecture, machine] of [
    ['amd64', 62],
    ['arm64', 183],
  ] as const) {
    const file = Buffer.from(pauseProgram(architecture));
    assert.equal(file.toString('latin1', 0, 4), '\x7fELF');
    assert.equal(file.readUInt16LE(18), machine);
    assert.ok(file.length < 300);
  }
});

test('pauseProgram() ignores SIGCHLD and sleeps until it is killed', {
  skip: process.platform !== 'linux' && 'not on Linux',
}, async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'pause-'));
  t.after(() => rm(dir, { recursive: true }));
  const path = join(dir, 'pause');
  await writeFile(path, pauseProgram(process.arch === 'arm64' ? 'arm64' : 'amd64'), { mode: 0o755 });
  const child = spawn(path);
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  // It sleeps only after it has told the kernel what to ignore.
  let status = '';
  do status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  while (!/^State:\s+S/m.test(status) || !/^Name:\s+pause/m.test(status));
  const ignored = BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1]}`);
  assert.equal((ignored >> 16n) & 1n, 1n, 'SIGCHLD is signal 17');
  const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  child.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL');
});
