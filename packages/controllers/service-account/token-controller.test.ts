import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import { secrets, serviceAccounts } from '../shared/resources.ts';
import { ServiceAccountTokenController } from './token-controller.ts';

const ca = 'the CA';

async function started(): Promise<Harness> {
  const harness = new Harness();
  const sign = (subject: object): string => `signed ${JSON.stringify(subject)}`;
  await harness.run(new ServiceAccountTokenController(harness.context, sign, ca));
  return harness;
}

const account = (harness: Harness): Promise<KubeObject> =>
  harness.client.resource(serviceAccounts, 'default').create({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'robot', namespace: 'default' },
    secrets: [{ name: 'tok' }, { name: 'other' }],
  });

const token = (harness: Harness): Promise<KubeObject> =>
  harness.client.resource(secrets, 'default').create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'tok',
      namespace: 'default',
      annotations: { 'kubernetes.io/service-account.name': 'robot' },
    },
    type: 'kubernetes.io/service-account-token',
  });

const held = async (harness: Harness): Promise<KubeObject | undefined> =>
  (await harness.client.resource(secrets, 'default').list()).items[0];

const text = (secret: KubeObject | undefined, key: string): string =>
  Buffer.from(secret?.['data']?.[key] ?? '', 'base64').toString();

test('ServiceAccountTokenController fills a Secret with token, CA and namespace', async () => {
  const harness = await started();
  const { metadata } = await account(harness);
  await token(harness);
  await harness.until('it is filled', async () => text(await held(harness), 'token') !== '');
  const secret = await held(harness);
  assert.equal(
    text(secret, 'token'),
    `signed ${JSON.stringify({ namespace: 'default', name: 'robot', uid: metadata.uid, secretName: 'tok' })}`,
  );
  assert.equal(text(secret, 'ca.crt'), ca);
  assert.equal(text(secret, 'namespace'), 'default');
  assert.equal(secret?.metadata.annotations?.['kubernetes.io/service-account.uid'], metadata.uid);
  await harness.stop();
});

test('ServiceAccountTokenController deletes Secrets whose account is gone or never was', async () => {
  const harness = await started();
  await token(harness);
  await harness.until('the one without an account goes', async () => (await held(harness)) === undefined);
  await account(harness);
  await token(harness);
  await harness.until('the other is filled', async () => text(await held(harness), 'token') !== '');
  await harness.client.resource(serviceAccounts, 'default').delete('robot');
  await harness.until('it goes with its account', async () => (await held(harness)) === undefined);
  await harness.stop();
});

test('ServiceAccountTokenController takes a deleted Secret off its account', async () => {
  const harness = await started();
  await account(harness);
  await token(harness);
  await harness.until('it is filled', async () => text(await held(harness), 'token') !== '');
  await harness.client.resource(secrets, 'default').delete('tok');
  await harness.until('the account does not name it', async () => {
    const { secrets: names } = (await harness.client
      .resource(serviceAccounts, 'default')
      .get('robot')) as Record<string, any>;
    return names.length === 1 && names[0].name === 'other';
  });
  await harness.stop();
});
