import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Client, ResourceClient } from '@coxswain/client';
import { type KubeObject, systemClock } from '@coxswain/machinery';
import { openEmbeddedStore, saveSnapshot } from '@coxswain/store';
import { ApiProcess } from '../support/api-process.ts';
import { countFromEnvironment, SeededRandom, seedOfRun } from '../support/seeded-random.ts';

const cox = fileURLToPath(new URL('../../cox', import.meta.url));
const kills = countFromEnvironment('COX_SNAPSHOT_KILLS', 20);
const random = new SeededRandom(seedOfRun());
const root = mkdtempSync(join(tmpdir(), 'coxswain-snapshot-'));
const started: ApiProcess[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server.kill();
  rmSync(root, { recursive: true, force: true });
});

function runCox(...args: string[]): ChildProcess {
  return spawn(cox, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function codeOf(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'exit');
  return code as number | null;
}

const configMaps = (client: Client): ResourceClient =>
  client.resource({ group: '', version: 'v1', resource: 'configmaps' }, 'default');
const configMap = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });

it('a snapshot of a server under load has all that was acknowledged before, and another server goes on from it', async () => {
  const dir = join(root, 'data');
  const server = await ApiProcess.start({ command: 'apiserver', dir });
  started.push(server);
  const api = configMaps(server.client);
  let written = 0;
  let stop = false;
  const writer = async (id: number): Promise<void> => {
    for (let i = 0; !stop; i++) {
      await api.create(configMap(`w${id}-${i}`));
      written++;
    }
  };
  const writing = Array.from({ length: 8 }, (_, id) => writer(id));
  while (written < 200) await api.list({ limit: 1 });
  const before = written;
  const file = join(root, 'snapshot');
  assert.equal(await codeOf(runCox('snapshot', 'save', file, '--data-dir', dir)), 0);
  stop = true;
  await Promise.all(writing);
  assert.equal(await codeOf(runCox('snapshot', 'status', file)), 0);

  const again = join(root, 'again');
  cpSync(join(dir, 'pki'), join(again, 'pki'), { recursive: true });
  assert.equal(
    await codeOf(runCox('snapshot', 'restore', file, '--data-dir', again, '--bump-revision=1000000')),
    0,
  );
  assert.equal(await codeOf(runCox('snapshot', 'restore', file, '--data-dir', again)), 1);
  const restored = await ApiProcess.start({ command: 'apiserver', dir: again });
  started.push(restored);
  const there = await configMaps(restored.client).list();
  const own = there.items.filter(({ metadata }) => metadata.name?.startsWith('w'));
  assert.ok(own.length >= before && own.length <= written, `${own.length} of ${before} to ${written}`);
  // Each writer's objects are there without a gap: the snapshot is of one moment.
  for (let id = 0; id < 8; id++) {
    const count = own.filter(({ metadata }) => metadata.name?.startsWith(`w${id}-`)).length;
    assert.ok(own.some(({ metadata }) => metadata.name === `w${id}-${count - 1}`));
  }
  const next = await configMaps(restored.client).create(configMap('next'));
  assert.ok(Number(next.metadata.resourceVersion) > 1_000_000);
});

it(`saving and restoring that are killed leave whole files and folders, or none, ${kills} times`, async () => {
  const dir = join(root, 'store');
  const store = await openEmbeddedStore({ dir: join(dir, 'store') });
  for (let i = 0; i < 300; i++) await store.create(`/k/${i}`, Buffer.alloc(20_000, i));
  await store.close();
  const whole = join(root, 'whole');
  const { hash } = saveSnapshot(join(dir, 'store'), whole);
  const file = join(root, 'killed');
  const target = join(root, 'target');
  let finished = 0;
  for (let i = 0; i < kills; i++) {
    const saving = random.oneIn(2);
    const child = saving
      ? runCox('snapshot', 'save', file, '--data-dir', dir)
      : runCox('snapshot', 'restore', whole, '--data-dir', target);
    const timer = systemClock.after(50 + random.below(250), () => child.kill('SIGKILL'));
    if ((await codeOf(child)) === 0) finished++;
    timer.cancel();
    if (saving) {
      if (existsSync(file)) assert.equal(await codeOf(runCox('snapshot', 'status', file)), 0);
      rmSync(file, { force: true });
    } else if (existsSync(join(target, 'store'))) {
      assert.equal(saveSnapshot(join(target, 'store'), join(root, 'copy')).hash, hash);
      rmSync(target, { recursive: true });
    }
  }
  assert.equal(await codeOf(runCox('snapshot', 'restore', whole, '--data-dir', target)), 0);
  assert.deepEqual(readdirSync(target), ['store']);
  assert.equal(await codeOf(runCox('snapshot', 'save', file, '--data-dir', dir)), 0);
  assert.deepEqual(
    readdirSync(root).filter((name) => name.startsWith('.killed.')),
    [],
    'the next one removes what those that were killed have left',
  );
  assert.ok(finished < kills, 'some were killed');
});
