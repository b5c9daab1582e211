import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Client, type ResourceClient } from '@coxswain/client';
import { formatMicroTime, type KubeObject, VirtualClock } from '@coxswain/machinery';
import { loopbackUser } from '../access/loopback-user.ts';
import { untilObject } from '../testing-objects.ts';
import { startTestServer } from '../testing-server.ts';
import { identityOf } from './identity-lease.ts';

const clock = new VirtualClock(Date.UTC(2026, 0, 1));
const leases = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };
const name = identityOf('master-1');
const opened: { close(): Promise<void> }[] = [];
after(async () => {
  for (const each of opened) await each.close();
});

async function start(options: Parameters<typeof startTestServer>[0] = {}) {
  const started = await startTestServer({ clock, hostname: 'master-1', random: () => 0, ...options });
  opened.push(started);
  const client = new Client(started.server.loopback(loopbackUser));
  return { ...started, api: client.resource(leases, 'kube-system') };
}

/** The lease of the server, once there is one as wanted. */
async function untilLease(api: ResourceClient, holds: (lease: KubeObject) => boolean): Promise<KubeObject> {
  const lease = await untilObject(api, name, (found) => found !== undefined && holds(found));
  assert.ok(lease);
  return lease;
}

test('identityOf() is the name that upstream gives the lease of a host', () => {
  assert.equal(name, 'apiserver-wj467rbl25eeviqacfhvg2yvnm');
});

test('a server keeps a lease under its host, which the next server on that host takes over', async () => {
  const { api, store, server } = await start();
  const made = await untilLease(api, () => true);
  assert.deepEqual(made.metadata.labels, {
    'apiserver.kubernetes.io/identity': 'kube-apiserver',
    'kubernetes.io/hostname': 'master-1',
  });
  const { holderIdentity, renewTime, leaseDurationSeconds } = made['spec'];
  assert.match(holderIdentity, new RegExp(`^${name}_[0-9a-f-]{36}$`));
  assert.deepEqual([renewTime, leaseDurationSeconds], ['2026-01-01T00:00:00.000000Z', 3_600]);
  const renewed = untilLease(api, (lease) => lease['spec'].renewTime > renewTime);
  await clock.advance(10_000);
  assert.equal((await renewed)['spec'].renewTime, '2026-01-01T00:00:10.000000Z');
  await server.close();

  const next = await start({ store });
  const taken = await untilLease(next.api, (lease) => lease['spec'].holderIdentity !== holderIdentity);
  assert.equal(taken.metadata.uid, made.metadata.uid);
});

test('leases of servers that were not heard of for an hour are removed, and no others', async () => {
  const { api } = await start();
  const lease = (of: string, labels: Record<string, string>, spec: object): Promise<KubeObject> =>
    api.create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: of, labels },
      spec,
    });
  const identity = { 'apiserver.kubernetes.io/identity': 'kube-apiserver' };
  const spec = { leaseDurationSeconds: 3_600, renewTime: formatMicroTime(clock.now()) };
  await lease('apiserver-gone', identity, spec);
  await lease('apiserver-odd', identity, {});
  await lease('leader', {}, spec);
  const odd = untilObject(api, 'apiserver-odd', (left) => left === undefined);
  const gone = untilObject(api, 'apiserver-gone', (left) => left === undefined);
  await clock.advance(3_600_000);
  await odd;
  await clock.advance(3_600_000);
  await gone;
  const left = (await api.list()).items.map(({ metadata }) => metadata.name).sort();
  assert.deepEqual(left, [name, 'leader']);
});

test('a server without the feature tells nobody that it is there', async () => {
  const { api } = await start({ featureGates: new Map([['APIServerIdentity', false]]) });
  await clock.advance(60_000);
  assert.deepEqual((await api.list()).items, []);
});
