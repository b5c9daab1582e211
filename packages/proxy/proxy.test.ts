import assert from 'node:assert/strict';
import { get } from 'node:http';
import { test } from 'node:test';
import type { corev1, discoveryv1 } from '@coxswain/api';
import { Client } from '@coxswain/client';
import { createInformerFactory, FakeTransport } from '@coxswain/controller';
import { until } from '@coxswain/machinery/testing';
import type { CommandRunner } from './nft/nft-runner.ts';
import { startProxy } from './proxy.ts';
import { makeEndpoint, makeService, makeSlice } from './testing/objects.ts';

const services = { group: '', version: 'v1', resource: 'services' };
const nodes = { group: '', version: 'v1', resource: 'nodes' };
const slices = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' };

/** Remembers what it is told to run; refuses as often as told. */
class RecordingRunner implements CommandRunner {
  readonly inputs: string[] = [];
  refusals = 0;

  async run(command: readonly string[], input = ''): Promise<void> {
    if (command[0] !== 'nft') return;
    if (this.refusals > 0) {
      this.refusals--;
      throw new Error('refused');
    }
    this.inputs.push(input);
  }

  /** Waits for the next run whose text matches, after those already taken. */
  async next(pattern: RegExp): Promise<string> {
    for (;;) {
      const input = this.inputs.shift();
      if (input !== undefined && pattern.test(input)) return input;
      if (input === undefined) await until(() => this.inputs.length > 0);
    }
  }
}

test('startProxy() writes the whole table once, then what changes', async (t) => {
  const transport = new FakeTransport();
  const client = new Client(transport);
  const runner = new RecordingRunner();
  const stop = new AbortController();
  const web = makeService('web', { clusterIP: '10.96.0.5', ports: [{ port: 80, protocol: 'TCP' }] });
  transport.seed(services, web);
  transport.seed(slices, makeSlice('web', [makeEndpoint('10.244.1.2')]));
  const informers = createInformerFactory(client, {});
  const proxy = await startProxy({ informers, nodeName: 'here', nodeIps: ['10.0.0.1'], runner });
  t.after(async () => {
    stop.abort();
    await proxy.close();
  });
  assert.deepEqual(runner.inputs, [], 'nothing before the cluster is known');
  informers.start(stop.signal);
  await proxy.synced();
  const first = await runner.next(/delete table ip kube-proxy/);
  assert.match(first, /add element ip kube-proxy service-ips \{ 10\.96\.0\.5 \. tcp \. 80 : goto service-/);
  assert.match(first, /dnat to 10\.244\.1\.2:8080/);

  const slice = await client.resource<discoveryv1.EndpointSlice>(slices, 'default').get('web-1');
  const endpoints = [makeEndpoint('10.244.1.2'), makeEndpoint('10.244.2.2', { ready: true }, 'there')];
  await client.resource<discoveryv1.EndpointSlice>(slices, 'default').update({ ...slice, endpoints });
  const second = await runner.next(/10\.244\.2\.2/);
  assert.doesNotMatch(second, /table ip kube-proxy \{/);
  assert.match(second, /numgen random mod 2 map \{ 0 : 10\.244\.1\.2 \. 8080, 1 : 10\.244\.2\.2 \. 8080 \}/);

  await client.resource(services, 'default').delete('web');
  assert.match(
    await runner.next(/./),
    /delete element ip kube-proxy service-ips \{ 10\.96\.0\.5 \. tcp \. 80 \}/,
  );
});

test('startProxy() writes the whole table again after a refusal', async (t) => {
  const transport = new FakeTransport();
  const client = new Client(transport);
  const runner = new RecordingRunner();
  const stop = new AbortController();
  const informers = createInformerFactory(client, {});
  const proxy = await startProxy({ informers, nodeName: 'here', nodeIps: [], runner });
  t.after(async () => {
    stop.abort();
    await proxy.close();
  });
  informers.start(stop.signal);
  await proxy.synced();
  await runner.next(/delete table/);
  runner.refusals = 1;
  const web = makeService('web', { clusterIP: '10.96.0.5', ports: [{ port: 80, protocol: 'TCP' }] });
  await client.resource<corev1.Service>(services, 'default').create(web);
  const again = await runner.next(/delete table/);
  assert.match(
    again,
    /add element ip kube-proxy no-endpoint-services \{ 10\.96\.0\.5 \. tcp \. 80 : goto reject-chain \}/,
  );
});

test("startProxy() chooses anew when the node's zone changes, and tells of its health", async (t) => {
  const transport = new FakeTransport();
  const client = new Client(transport);
  const runner = new RecordingRunner();
  const stop = new AbortController();
  const hinted = (address: string, zone: string) => ({
    ...makeEndpoint(address),
    hints: { forZones: [{ name: zone }] },
  });
  transport.seed(services, makeService('web', { clusterIP: '10.96.0.5', ports: [{ port: 80 }] }));
  transport.seed(slices, makeSlice('web', [hinted('10.244.1.2', 'a'), hinted('10.244.2.2', 'b')]));
  transport.seed(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'here' } });
  const informers = createInformerFactory(client, {});
  const healthz = { address: '127.0.0.1', port: 0 };
  const proxy = await startProxy({ informers, nodeName: 'here', nodeIps: [], runner, healthz });
  t.after(async () => {
    stop.abort();
    await proxy.close();
  });
  informers.start(stop.signal);
  await proxy.synced();
  assert.match(await runner.next(/delete table/), /mod 2/);
  const node = await client.resource(nodes).get('here');
  const labels = { 'topology.kubernetes.io/zone': 'b' };
  await client.resource(nodes).update({ ...node, metadata: { ...node.metadata, labels } });
  assert.match(await runner.next(/./), /dnat to 10\.244\.2\.2:8080/);

  await proxy.synced();
  const status = await new Promise((resolve, reject) => {
    get({ host: healthz.address, port: proxy.healthzPort, path: '/healthz', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
  });
  assert.equal(status, 200);
});
