import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { isDetachedSignature } from '@coxswain/pki';
import { Harness } from '../shared/harness-suite.ts';
import { configMaps, secrets } from '../shared/resources.ts';
import { BootstrapSigner } from './bootstrap-signer.ts';
import { TokenCleaner } from './token-cleaner.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64');

const token = (id: string, extra: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
  type: 'bootstrap.kubernetes.io/token',
  data: Object.fromEntries(
    Object.entries({
      'token-id': id,
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-signing': 'true',
      ...extra,
    }).map(([key, value]) => [key, encode(value)]),
  ),
});

async function started(): Promise<Harness> {
  const harness = new Harness();
  await harness.run(new BootstrapSigner(harness.context), new TokenCleaner(harness.context));
  await harness.client.resource(configMaps, 'kube-public').create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cluster-info', namespace: 'kube-public' },
    data: { kubeconfig: 'where it is' },
  });
  return harness;
}

const info = async (harness: Harness): Promise<Record<string, string>> =>
  (await harness.client.resource(configMaps, 'kube-public').get('cluster-info'))['data'];

test('BootstrapSigner signs the cluster info with every token that may sign', async () => {
  const harness = await started();
  const client = harness.client.resource(secrets, 'kube-system');
  await client.create(token('abcdef'));
  await client.create(token('silent', { 'usage-bootstrap-signing': 'false' }));
  await harness.until('it is signed', async () => Object.keys(await info(harness)).length === 2);
  const signature = (await info(harness))['jws-kubeconfig-abcdef'] ?? '';
  assert.ok(isDetachedSignature(signature, 'where it is', 'abcdef', '0123456789abcdef'));
  assert.ok(!isDetachedSignature(signature, 'elsewhere', 'abcdef', '0123456789abcdef'));
  await client.delete('bootstrap-token-abcdef');
  await harness.until(
    'the signature goes with the token',
    async () => Object.keys(await info(harness)).length === 1,
  );
  await harness.stop();
});

test('TokenCleaner deletes a token when its time is over', async () => {
  const harness = await started();
  const client = harness.client.resource(secrets, 'kube-system');
  const expiration = new Date(harness.clock.now() + 30_000).toISOString();
  await client.create(token('abcdef', { expiration }));
  await client.create(token('always'));
  await harness.clock.advance(29_000);
  assert.equal((await client.list()).items.length, 2);
  await harness.until('one is gone', async () => (await client.list()).items.length === 1);
  assert.equal((await client.list()).items[0]?.metadata.name, 'bootstrap-token-always');
  await harness.stop();
});
