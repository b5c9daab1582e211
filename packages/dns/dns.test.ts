import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@coxswain/client';
import { createInformerFactory, FakeTransport } from '@coxswain/controller';
import { startDns } from './dns.ts';
import { askUdp, makeQuery, summary } from './testing/ask.ts';
import { makeService, makeSlice } from './testing/objects.ts';

const services = { group: '', version: 'v1', resource: 'services' };
const slices = { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices' };

test('startDns() follows services and slices as they come and go', async (t) => {
  const transport = new FakeTransport();
  const client = new Client(transport);
  const informers = createInformerFactory(client, {});
  const stop = new AbortController();
  transport.seed(services, makeService('old', { clusterIP: '10.96.0.9' }));
  const dns = await startDns({
    informers,
    address: '127.0.0.1',
    port: 0,
    clusterDomain: 'cluster.local',
    clusterDns: '10.96.0.10',
    upstreams: [],
  });
  t.after(async () => {
    stop.abort();
    await dns.close();
  });
  informers.start(stop.signal);
  await dns.whenSynced();

  /** The addresses of a service, asked until they are as wanted: events come a moment after the write. */
  const expect = async (name: string, wanted: readonly string[]): Promise<void> => {
    for (;;) {
      const query = makeQuery(`${name}.default.svc.cluster.local`, 'A');
      const { answers } = summary(await askUdp(dns.port, query));
      const addresses = answers.map((line) => line.split(' ')[2]);
      if (JSON.stringify(addresses) === JSON.stringify(wanted)) return;
    }
  };
  await expect('old', ['10.96.0.9']);
  await client.resource(services, 'default').create(makeService('web', { clusterIP: 'None' }));
  await client.resource(slices, 'default').create(makeSlice('web', [{ addresses: ['10.244.1.2'] }]));
  await expect('web', ['10.244.1.2']);
  await client.resource(slices, 'default').create({
    ...makeSlice('web', [{ addresses: ['10.244.2.2'] }]),
    metadata: { ...makeSlice('web', []).metadata, name: 'web-2' },
  });
  await expect('web', ['10.244.1.2', '10.244.2.2']);
  await client.resource(slices, 'default').delete('web-1');
  await expect('web', ['10.244.2.2']);
  await client.resource(services, 'default').delete('old');
  await expect('old', []);
});

test('startDns() says SERVFAIL for other names when no server is there to ask', async (t) => {
  const informers = createInformerFactory(new Client(new FakeTransport()), {});
  const dns = await startDns({
    informers,
    address: '127.0.0.1',
    port: 0,
    clusterDomain: 'cluster.local',
    clusterDns: '10.96.0.10',
    upstreams: [{ address: '10.96.0.10', port: 53 }],
  });
  t.after(() => dns.close());
  assert.equal(summary(await askUdp(dns.port, makeQuery('example.org', 'A'))).rcode, 'SERVFAIL');
});
