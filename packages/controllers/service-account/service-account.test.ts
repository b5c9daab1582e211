import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import { configMaps, namespaces, secrets, serviceAccounts } from '../shared/resources.ts';
import { LegacyTokenCleaner } from './legacy-token-cleaner.ts';
import { RootCaPublisher } from './root-ca-publisher.ts';
import { ServiceAccountController } from './service-account-controller.ts';

const day = 24 * 3_600_000;

const namespace = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
  status: { phase: 'Active' },
});

test('ServiceAccountController and RootCaPublisher furnish every namespace, and again what is taken away', async () => {
  const harness = new Harness();
  await harness.run(
    new ServiceAccountController(harness.context),
    new RootCaPublisher(harness.context, 'PEM'),
  );
  await harness.client.resource(namespaces).create(namespace('team'));
  const accounts = harness.client.resource(serviceAccounts, 'team');
  const maps = harness.client.resource(configMaps, 'team');
  const furnished = async (): Promise<boolean> =>
    (await accounts.list()).items.length === 1 && (await maps.list()).items.length === 1;
  await harness.until('both are there', furnished);
  assert.equal((await maps.get('kube-root-ca.crt'))['data']['ca.crt'], 'PEM');
  await accounts.delete('default');
  await maps.update({ ...(await maps.get('kube-root-ca.crt')), data: { 'ca.crt': 'forged' } });
  await harness.until('both are put right', async () => {
    return (await furnished()) && (await maps.get('kube-root-ca.crt'))['data']['ca.crt'] === 'PEM';
  });
  await harness.stop();
});

test('LegacyTokenCleaner marks what was not used for a year and deletes it after another', async () => {
  const harness = new Harness();
  const date = new Date(harness.clock.now()).toISOString().slice(0, 10);
  await harness.client.resource(configMaps, 'kube-system').create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: 'kube-system' },
    data: { since: date },
  });
  await harness.client.resource(serviceAccounts, 'default').create({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'robot', namespace: 'default' },
    secrets: [{ name: 'generated' }],
  });
  const client = harness.client.resource(secrets, 'default');
  for (const name of ['generated', 'by-hand']) {
    await client.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name,
        namespace: 'default',
        annotations: { 'kubernetes.io/service-account.name': 'robot' },
      },
      type: 'kubernetes.io/service-account-token',
    });
  }
  await harness.run(new LegacyTokenCleaner(harness.context));
  const mark = async (): Promise<string | undefined> =>
    (await client.get('generated')).metadata.labels?.['kubernetes.io/legacy-token-invalid-since'];
  for (let i = 0; i < 364; i++) await harness.clock.advance(day);
  assert.equal(await mark(), undefined);
  for (let i = 0; i < 4; i++) await harness.clock.advance(day);
  assert.match((await mark()) ?? '', /^\d{4}-\d\d-\d\d$/);
  for (let i = 0; i < 368; i++) await harness.clock.advance(day);
  assert.deepEqual(
    (await client.list()).items.map((secret) => secret.metadata.name),
    ['by-hand'],
  );
  await harness.stop();
});
