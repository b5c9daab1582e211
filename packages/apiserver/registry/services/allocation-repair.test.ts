import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@coxswain/client';
import { type KubeObject, VirtualClock } from '@coxswain/machinery';
import { MemoryStore } from '@coxswain/store';
import { loopbackUser } from '../../access/loopback-user.ts';
import { startTestServer } from '../../testing-server.ts';
import { Pool } from './pool.ts';
import { decodeRangeAllocation } from './range-allocation.ts';
import { SharedPorts } from './shared-ports.ts';

const services = { group: '', version: 'v1', resource: 'services' };
const addresses = { group: 'networking.k8s.io', version: 'v1', resource: 'ipaddresses' };
const minute = 60_000;

test('an address that no service holds is given back, one that is held is claimed', async () => {
  const clock = new VirtualClock();
  const { server, store, close } = await startTestServer({ clock, store: new MemoryStore({ clock }) });
  const client = new Client(server.loopback(loopbackUser));
  const made = await client.resource(services, 'default').create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { ports: [{ port: 80 }] },
  });
  const held: string = made['spec'].clusterIP;
  const template = await client.resource(addresses).get(held);
  const orphan: KubeObject = {
    kind: 'IPAddress',
    apiVersion: 'networking.k8s.io/v1',
    metadata: { name: '10.96.9.9', labels: template.metadata.labels ?? {} },
    spec: { parentRef: { resource: 'services', namespace: 'default', name: 'gone' } },
  };
  await client.resource(addresses).create(orphan);
  const key = `/registry/ipaddresses/${held}`;
  const stored = await store.get(key);
  assert.ok(stored);
  await store.delete(key, stored.modRevision);
  await clock.advance(4 * minute);
  const left = (await client.resource(addresses).list()).items.map((each) => each.metadata.name);
  assert.deepEqual(left.sort(), ['10.96.0.1', held].sort());
  await close();
});

test('SharedPorts.repair() frees a port that nobody has held in three rounds', async () => {
  const store = new MemoryStore();
  const pool = new Pool(30_000, 30_015, 30_004, () => 0);
  const ports = new SharedPorts(store, pool);
  await ports.load([30_001]);
  assert.ok(await ports.claim([30_005, 30_006]));
  const taken = async (): Promise<bigint> => {
    const kv = await store.get('/registry/ranges/servicenodeports');
    return decodeRangeAllocation(kv?.value ?? Buffer.alloc(0)).bits;
  };
  const bits = (...numbers: number[]): bigint => numbers.reduce((sum, n) => sum | (1n << BigInt(n)), 0n);
  await ports.repair([30_001, 30_006]);
  await ports.repair([30_001, 30_006, 30_007]);
  assert.equal(await taken(), bits(1, 5, 6, 7));
  await ports.repair([30_001, 30_006, 30_007]);
  assert.equal(await taken(), bits(1, 6, 7));
  assert.ok(!pool.has(30_005));
  assert.ok(pool.has(30_007));
});
