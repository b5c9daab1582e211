import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { Harness } from '../shared/harness-suite.ts';
import { endpointSlices, endpoints, pods, services } from '../shared/resources.ts';
import { EndpointSliceController } from './endpoint-slice-controller.ts';
import { EndpointsController } from './endpoints-controller.ts';
import { planSlices } from './plan-slices.ts';

async function started(spec: object = {}): Promise<Harness> {
  const harness = new Harness();
  await harness.run(new EndpointSliceController(harness.context), new EndpointsController(harness.context));
  await harness.client.resource(services, 'default').create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default', labels: { team: 'a' } },
    spec: {
      clusterIP: '10.0.0.1',
      ipFamilies: ['IPv4'],
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'http' }],
      ...spec,
    },
  });
  return harness;
}

async function pod(harness: Harness, name: string, ip: string, ready: boolean, port = 8080): Promise<void> {
  await harness.client.resource(pods, 'default').create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: 'web' }, finalizers: ['example.com/stay'] },
    spec: { nodeName: 'n', containers: [{ name: 'c', ports: [{ name: 'http', containerPort: port }] }] },
    status: {
      phase: 'Running',
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  });
}

const slices = async (harness: Harness): Promise<readonly KubeObject[]> =>
  (await harness.client.resource(endpointSlices, 'default').list()).items;

/** `address:port ready serving terminating` of all endpoints. */
async function shown(harness: Harness): Promise<string[]> {
  return (await slices(harness))
    .flatMap((slice) =>
      (slice['endpoints'] ?? []).map((e: Record<string, any>) => {
        const { ready, serving, terminating } = e['conditions'];
        return `${e['addresses'][0]}:${slice['ports'][0]?.port} ${ready} ${serving} ${terminating}`;
      }),
    )
    .sort();
}

test('EndpointSliceController shows ready, unready and terminating pods with their own ports', async () => {
  const harness = await started();
  await pod(harness, 'a', '10.1.0.1', true);
  await pod(harness, 'b', '10.1.0.2', false);
  await pod(harness, 'c', '10.1.0.3', true, 9090);
  await harness.until('all are shown', async () => (await shown(harness)).length === 3);
  assert.deepEqual(await shown(harness), [
    '10.1.0.1:8080 true true false',
    '10.1.0.2:8080 false false false',
    '10.1.0.3:9090 true true false',
  ]);
  const [slice] = await slices(harness);
  assert.equal(slice?.metadata.labels?.['kubernetes.io/service-name'], 'web');
  assert.equal(slice?.metadata.labels?.['team'], 'a');
  await harness.client.resource(pods, 'default').delete('a');
  await harness.until('one ends', async () => (await shown(harness))[0] === '10.1.0.1:8080 false true true');
  await harness.stop();
});

test('EndpointSliceController keeps an empty slice for a service without pods', async () => {
  const harness = await started();
  await harness.until('it is there', async () => (await slices(harness)).length === 1);
  const [slice] = await slices(harness);
  assert.deepEqual([slice?.['addressType'], slice?.['endpoints']], ['IPv4', []]);
  await pod(harness, 'a', '10.1.0.1', true);
  await harness.until('the pod is shown', async () => (await shown(harness)).length === 1);
  assert.equal((await slices(harness)).length, 1);
  await harness.stop();
});

test('EndpointSliceController publishes unready addresses where it is told to, and hints what is near', async () => {
  const harness = await started({ publishNotReadyAddresses: true, trafficDistribution: 'PreferSameNode' });
  await pod(harness, 'b', '10.1.0.2', false);
  await harness.until('it is shown', async () => (await shown(harness)).length === 1);
  assert.deepEqual(await shown(harness), ['10.1.0.2:8080 true false false']);
  assert.deepEqual((await slices(harness))[0]?.['endpoints'][0].hints, { forNodes: [{ name: 'n' }] });
  await harness.stop();
});

test('EndpointsController tells ready from unready addresses and goes with the service', async () => {
  const harness = await started();
  await pod(harness, 'a', '10.1.0.1', true);
  await pod(harness, 'b', '10.1.0.2', false);
  const client = harness.client.resource(endpoints, 'default');
  await harness.until('both are shown', async () => {
    const held = (await client.list()).items[0];
    const [subset] = held?.['subsets'] ?? [];
    return subset?.addresses?.length === 1 && subset.notReadyAddresses?.length === 1;
  });
  const [subset] = (await client.get('web'))['subsets'];
  assert.equal(subset.addresses[0].ip, '10.1.0.1');
  assert.deepEqual(subset.ports, [{ name: 'http', protocol: 'TCP', port: 8080 }]);
  await harness.client.resource(services, 'default').delete('web');
  await harness.until('they are gone', async () => (await client.list()).items.length === 0);
  await harness.stop();
});

test('planSlices() opens a further slice when one is full and touches no other', () => {
  const ports = [{ name: '', protocol: 'TCP', port: 80 }];
  const endpoint = (i: number) => ({
    addresses: [`10.0.${Math.floor(i / 250)}.${i % 250}`],
    conditions: { ready: true, serving: true, terminating: false },
    targetRef: { kind: 'Pod', namespace: 'd', name: `p${i}`, uid: `${i}` },
  });
  const all = Array.from({ length: 150 }, (_, i) => endpoint(i));
  const first = planSlices([{ addressType: 'IPv4', ports, endpoints: all }], []);
  assert.deepEqual(
    first.create.map((slice) => slice.endpoints.length),
    [100, 50],
  );
  const held = first.create.map(
    (content, i): KubeObject => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `s${i}` },
      ...content,
    }),
  );
  const more = [...all, endpoint(150)];
  const next = planSlices([{ addressType: 'IPv4', ports, endpoints: more }], held);
  assert.deepEqual([next.create.length, next.remove.length, next.update.length], [0, 0, 1]);
  assert.equal(next.update[0]?.slice.metadata.name, 's1');
});
