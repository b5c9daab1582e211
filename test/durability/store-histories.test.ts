import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { MemoryStore, openEmbeddedStore } from '@coxswain/store';
import { openEtcdStore } from '@coxswain/store-etcd';
import { etcdMissing, TestingEtcd } from '@coxswain/store-etcd/etcd-suite';
import { countFromEnvironment, SeededRandom, seedOfRun } from '../support/seeded-random.ts';
import { faults } from './broken-stores.ts';
import { keysNotLinearizable } from './linearizable.ts';
import { type Register, recordHistory, revisionFaults } from './register-history.ts';
import { storeRegister } from './registers.ts';

const rounds = countFromEnvironment('COX_HISTORIES', 10);
const seed = seedOfRun();
const random = new SeededRandom(seed);
const root = mkdtempSync(join(tmpdir(), 'coxswain-histories-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Lets the event loop turn in the middle of each operation, so that those of a memory overlap, too. */
function slowly(register: Register): Register {
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const sometimes = async <T>(work: Promise<T>): Promise<T> => {
    const done = await work;
    if (random.oneIn(2)) await turn();
    return done;
  };
  return {
    get: (key) => sometimes(register.get(key)),
    create: (key, text) => sometimes(register.create(key, text)),
    update: (key, text, found) => sometimes(register.update(key, text, found)),
    delete: (key, found) => sometimes(register.delete(key, found)),
  };
}

async function assertLinearizable(registers: readonly Register[], operations: number): Promise<void> {
  const history = await recordHistory(registers, { clients: 12, keys: 4, operations, random });
  assert.deepEqual(keysNotLinearizable(history.calls), []);
  assert.deepEqual(revisionFaults(history), []);
  assert.ok(history.writes.length > history.calls.length / 10, 'many writes were done');
}

it(`MemoryStore: ${rounds} histories are linearizable`, async () => {
  for (let i = 0; i < rounds; i++) {
    const store = new MemoryStore();
    await assertLinearizable([slowly(storeRegister(store))], 100);
    await store.close();
  }
});

it(`EmbeddedStore: ${rounds} histories are linearizable`, async () => {
  for (let i = 0; i < rounds; i++) {
    const store = await openEmbeddedStore({ dir: join(root, String(i)) });
    await assertLinearizable([slowly(storeRegister(store))], 100);
    await store.close();
  }
});

describe('EtcdStore', { skip: etcdMissing ?? false }, () => {
  it('histories of three stores over one etcd are linearizable', async () => {
    const etcd = await TestingEtcd.start();
    try {
      for (let i = 0; i < Math.ceil(rounds / 3); i++) {
        const open = () => openEtcdStore({ servers: [etcd.url], prefix: `/round-${i}` });
        const stores = [await open(), await open(), await open()];
        await assertLinearizable(stores.map(storeRegister), 60);
        for (const store of stores) await store.close();
      }
    } finally {
      await etcd.stop();
    }
  });
});

describe('the checks find a store that is not right', () => {
  for (const [fault, broken] of Object.entries(faults)) {
    it(fault, async () => {
      let found = false;
      // The fault comes up by chance: one history may be spared.
      for (let i = 0; i < 20 && !found; i++) {
        const store = new MemoryStore();
        const register = slowly(broken(storeRegister(store), random));
        const history = await recordHistory([register], { clients: 12, keys: 4, operations: 100, random });
        found = keysNotLinearizable(history.calls).length > 0 || revisionFaults(history).length > 0;
        await store.close();
      }
      assert.ok(found);
    });
  }
});
