import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, it } from 'node:test';
import { etcdMissing, TestingEtcd } from '@coxswain/store-etcd/etcd-suite';
import { ApiProcess } from '../support/api-process.ts';
import { countFromEnvironment, SeededRandom, seedOfRun } from '../support/seeded-random.ts';
import { keysNotLinearizable } from './linearizable.ts';
import { type History, recordHistory, revisionFaults } from './register-history.ts';
import { apiRegister } from './registers.ts';

const operations = countFromEnvironment('COX_API_OPERATIONS', 150);
const random = new SeededRandom(seedOfRun());
const root = mkdtempSync(join(tmpdir(), 'coxswain-histories-'));
const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).reverse()) await each.stop();
  rmSync(root, { recursive: true, force: true });
});

async function start(name: string, ...flags: string[]): Promise<ApiProcess> {
  const server = await ApiProcess.start({ command: 'apiserver', dir: join(root, name), flags });
  started.push(server);
  return server;
}

function assertSound(history: History): void {
  assert.deepEqual(keysNotLinearizable(history.calls), []);
  assert.deepEqual(revisionFaults(history), []);
  assert.ok(history.writes.length > history.calls.length / 25, 'many writes were done');
}

it('what clients of one API server do is linearizable', async () => {
  const server = await start('one');
  const history = await recordHistory([apiRegister(server.client)], {
    clients: 12,
    keys: 4,
    operations,
    random,
  });
  assertSound(history);
  assert.equal(history.unanswered, 0);
});

it('what clients of two API servers over one etcd do is linearizable, even while etcd is killed', {
  skip: etcdMissing ?? false,
}, async () => {
  const etcd = await TestingEtcd.start();
  started.push(etcd);
  const flag = `--etcd-servers=${etcd.url}`;
  const servers = [await start('a', flag), await start('b', flag)];
  const registers = servers.map(({ client }) => apiRegister(client));
  assertSound(await recordHistory(registers, { clients: 12, keys: 6, operations: operations / 2, random }));

  const disturbed = recordHistory(registers, {
    prefix: 'd',
    clients: 12,
    keys: 6,
    operations: operations / 2,
    random,
  });
  let running = true;
  const ended = disturbed.finally(() => {
    running = false;
  });
  for (let i = 0; i < 3 && running; i++) {
    await etcd.signal('SIGKILL');
    await etcd.restart();
    // Until somebody has been answered again.
    await registers[0]!.get('d0').catch(() => undefined);
  }
  assertSound(await ended);
});
