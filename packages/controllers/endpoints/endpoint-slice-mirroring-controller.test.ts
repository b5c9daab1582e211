import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import { endpointSlices, endpoints, services } from '../shared/resources.ts';
import { EndpointSliceMirroringController } from './endpoint-slice-mirroring-controller.ts';

const ports = [{ name: 'http', port: 80, protocol: 'TCP' }];

async function started(selector?: object): Promise<Harness> {
  const harness = new Harness();
  await harness.run(new EndpointSliceMirroringController(harness.context));
  await harness.client.resource(services, 'default').create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { ports: [{ port: 80 }], ...(selector ? { selector } : {}) },
  });
  return harness;
}

const own = (harness: Harness) => harness.client.resource(endpoints, 'default');
const slices = async (harness: Harness): Promise<readonly KubeObject[]> =>
  (await harness.client.resource(endpointSlices, 'default').list()).items;

const web = (ip: string, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  subsets: [{ addresses: [{ ip }], ports }],
});

test('EndpointSliceMirroringController keeps one slice equal to the Endpoints until they go', async () => {
  const harness = await started();
  await own(harness).create(web('10.0.0.1', { labels: { a: 'b' } }));
  await harness.until('a slice', async () => (await slices(harness)).length === 1);
  const [slice] = (await slices(harness)) as [KubeObject];
  assert.deepEqual(slice.metadata.labels, {
    a: 'b',
    'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
    'kubernetes.io/service-name': 'web',
  });
  assert.equal(slice.metadata.ownerReferences?.[0]?.kind, 'Endpoints');
  assert.deepEqual(slice['endpoints'], [{ addresses: ['10.0.0.1'], conditions: { ready: true } }]);

  const held = await own(harness).get('web');
  await own(harness).update({ ...held, ...web('10.0.0.2'), metadata: held.metadata });
  await harness.until('the other address', async () => {
    const [only, ...others] = await slices(harness);
    return others.length === 0 && only?.['endpoints'][0]?.addresses[0] === '10.0.0.2';
  });

  await own(harness).delete('web');
  await harness.until('no slice', async () => (await slices(harness)).length === 0);
  await harness.stop();
});

test('EndpointSliceMirroringController leaves services with a selector to their own controller', async () => {
  const harness = await started({ app: 'web' });
  await own(harness).create(web('10.0.0.1'));
  await harness.clock.advance(5_000);
  assert.equal((await slices(harness)).length, 0);
  await harness.stop();
});
