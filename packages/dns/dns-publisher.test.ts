import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { corev1, discoveryv1 } from '@coxswain/api';
import { Client } from '@coxswain/client';
import { createInformerFactory, FakeTransport } from '@coxswain/controller';
import { until } from '@coxswain/machinery/testing';
import { startDnsPublisher } from './dns-publisher.ts';

const services = { group: '', version: 'v1', resource: 'services' };
const nodes = { group: '', version: 'v1', resource: 'nodes' };
const slices = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' };

function node(name: string, address: string, ready: boolean, port?: string): corev1.Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: port === undefined ? {} : { 'coxswain.io/dns-port': port } },
    status: {
      addresses: [{ type: 'InternalIP', address }],
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }],
    },
  };
}

test('startDnsPublisher() keeps kube-dns leading to the nodes that serve DNS', async (t) => {
  const transport = new FakeTransport();
  const client = new Client(transport);
  const stop = new AbortController();
  t.after(() => stop.abort());
  transport.seed(
    nodes,
    node('a', '10.0.0.1', true, '53'),
    node('b', '10.0.0.2', false, '53'),
    node('c', '10.0.0.3', true),
  );
  const informers = createInformerFactory(client, {});
  startDnsPublisher({ client, informers, clusterDns: '10.96.0.10', signal: stop.signal });
  informers.start(stop.signal);

  /** `node address ready` of each endpoint of each slice. */
  const published = async (): Promise<string[]> => {
    const list = await client.resource<discoveryv1.EndpointSlice>(slices, 'kube-system').list();
    return list.items.flatMap((slice) =>
      (slice.endpoints ?? []).map(
        (e) => `${e.nodeName} ${e.addresses[0]}:${slice.ports?.[0]?.port} ${e.conditions?.ready}`,
      ),
    );
  };
  const untilPublished = (...wanted: readonly string[]): Promise<void> =>
    until(async () => isDeepStrictEqual(await published(), wanted));
  await untilPublished('a 10.0.0.1:53 true', 'b 10.0.0.2:53 false');
  const service = await client.resource<corev1.Service>(services, 'kube-system').get('kube-dns');
  assert.equal(service.spec?.clusterIP, '10.96.0.10');

  await client.resource(nodes).updateStatus({
    ...(await client.resource<corev1.Node>(nodes).get('b')),
    status: node('b', '10.0.0.2', true).status,
  });
  await untilPublished('a 10.0.0.1:53 true', 'b 10.0.0.2:53 true');
  await client.resource(nodes).delete('a');
  await untilPublished('b 10.0.0.2:53 true');
  await client.resource(nodes).delete('b');
  await untilPublished();
});
