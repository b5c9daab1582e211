import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import { pods, resourceQuotas } from '../shared/resources.ts';
import { ResourceQuotaController } from './resource-quota-controller.ts';

const pod = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: {
    containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '250m', memory: '1Gi' } } }],
  },
});

const used = async (harness: Harness): Promise<Record<string, string>> =>
  (await harness.client.resource(resourceQuotas, 'default').get('q'))['status']?.used ?? {};

test('ResourceQuotaController sums what there is and gives back what goes', async () => {
  const harness = new Harness();
  await harness.run(new ResourceQuotaController(harness.context));
  const client = harness.client.resource(pods, 'default');
  for (const name of ['a', 'b']) await client.create(pod(name));
  await harness.client.resource(resourceQuotas, 'default').create({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: 'default' },
    spec: { hard: { pods: '5', 'requests.cpu': '1', 'requests.memory': '4Gi', services: '2' } },
  });
  await harness.until('it is summed', async () => (await used(harness))['pods'] === '2');
  assert.deepEqual(await used(harness), {
    pods: '2',
    'requests.cpu': '500m',
    'requests.memory': '2Gi',
    services: '0',
  });
  await client.updateStatus({ ...(await client.get('a')), status: { phase: 'Succeeded' } });
  await harness.until('one has ended', async () => (await used(harness))['requests.cpu'] === '250m');
  await client.delete('b', { gracePeriodSeconds: 0 });
  await harness.until('one is gone', async () => (await used(harness))['pods'] === '0');
  await harness.stop();
});
