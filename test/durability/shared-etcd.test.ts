import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { until } from '@coxswain/machinery/testing';
import { etcdMissing, TestingEtcd } from '@coxswain/store-etcd/etcd-suite';
import { ApiProcess } from '../support/api-process.ts';

const root = mkdtempSync(join(tmpdir(), 'coxswain-shared-'));
const running: { kill(): Promise<void> }[] = [];
after(async () => {
  for (const one of running) await one.kill();
  rmSync(root, { recursive: true, force: true });
});

const leases = { group: 'coordination.k8s.io', version: 'v1', resource: 'leases' };
const deployments = { group: 'apps', version: 'v1', resource: 'deployments' };
const pods = { group: '', version: 'v1', resource: 'pods' };
const components = ['kube-controller-manager', 'kube-scheduler'];

it('of servers that share an etcd one runs controllers and scheduler, and another where it is gone', {
  skip: etcdMissing,
}, async () => {
  const etcd = await TestingEtcd.start();
  running.push({ kill: () => etcd.stop() });
  const flags = [
    `--etcd-servers=${etcd.url}`,
    '--leader-elect-lease-duration=3s',
    '--leader-elect-renew-deadline=2s',
    '--leader-elect-retry-period=500ms',
  ];
  const start = async (name: string): Promise<ApiProcess> => {
    const server = await ApiProcess.start({ command: 'server', dir: join(root, name), flags });
    running.unshift(server);
    return server;
  };
  const [first, second] = [await start('first'), await start('second')];
  const { client } = second;
  const holders = async (): Promise<string[]> => {
    const { items } = await client.resource(leases, 'kube-system').list();
    return components.flatMap((name) => {
      const lease = items.find(({ metadata }) => metadata.name === name);
      const holder: string = lease?.['spec']?.holderIdentity ?? '';
      return holder === '' ? [] : [holder];
    });
  };
  const podsAre = (count: number): Promise<void> =>
    until(async () => (await client.resource(pods, 'default').list()).items.length === count);

  await until(async () => (await holders()).length === 2);
  const before = await holders();
  const labels = { app: 'web' };
  await client.resource(deployments, 'default').create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  });
  await podsAre(2);
  await first.kill();
  await until(async () => (await holders()).every((holder) => !before.includes(holder)));
  await client
    .resource(deployments, 'default')
    .patch('web', 'application/merge-patch+json', { spec: { replicas: 3 } });
  await podsAre(3);
  assert.equal(new Set([...before, ...(await holders())]).size, 4);
});
