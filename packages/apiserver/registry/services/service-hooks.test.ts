import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Client } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../../access/loopback-user.ts';
import { startTestServer } from '../../testing-server.ts';

const services = { group: '', version: 'v1', resource: 'services' };
const ranges = { group: 'networking.k8s.io', version: 'v1', resource: 'servicecidrs' };

const service = (name: string, spec: Record<string, unknown>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec,
});

describe('serviceHooks()', () => {
  let client: Client;
  let close: () => Promise<unknown>;

  before(async () => {
    const started = await startTestServer();
    client = new Client(started.server.loopback(loopbackUser));
    close = started.close;
  });
  after(() => close());

  const create = (made: KubeObject, dryRun = false): Promise<KubeObject> =>
    client.resource(services, 'default').create(made, dryRun ? { dryRun: 'All' } : {});
  const refusal = (name: string, message: string) => ({
    message: `Service "${name}" is invalid: ${message}`,
  });

  it('takes the endpoints along when their service goes', async () => {
    const endpoints = client.resource({ group: '', version: 'v1', resource: 'endpoints' }, 'default');
    for (const name of ['gone', 'held']) {
      await create(service(name, { ports: [{ port: 80 }] }));
      const metadata = { name, ...(name === 'held' ? { finalizers: ['example.com/f'] } : {}) };
      await endpoints.create({ apiVersion: 'v1', kind: 'Endpoints', metadata });
      await client.resource(services, 'default').delete(name);
    }
    await assert.rejects(endpoints.get('gone'), { message: 'endpoints "gone" not found' });
    assert.equal((await endpoints.get('held')).metadata.deletionTimestamp, undefined);
  });

  it('gives one node port to a service port under several protocols', async () => {
    const ports = [
      { name: 'udp', port: 53, protocol: 'UDP' },
      { name: 'tcp', port: 53, protocol: 'TCP' },
      { name: 'other', port: 54 },
    ];
    const made = await create(service('dns', { type: 'NodePort', ports }));
    const [udp, tcp, other] = made['spec'].ports;
    assert.equal(udp.nodePort, tcp.nodePort);
    assert.notEqual(other.nodePort, tcp.nodePort);
  });

  it('keeps node ports by the names of ports through an update that leaves them out', async () => {
    const ports = [
      { name: 'a', port: 80 },
      { name: 'b', port: 81 },
    ];
    const made = await create(service('named', { type: 'NodePort', ports }));
    const put = { ...service('named', { type: 'NodePort', ports: [{ name: 'b', port: 82 }, ports[0]] }) };
    put.metadata.resourceVersion = made.metadata.resourceVersion as string;
    const changed = await client.resource(services, 'default').update(put);
    assert.deepEqual(
      changed['spec'].ports.map((port: { nodePort: number }) => port.nodePort),
      [made['spec'].ports[1].nodePort, made['spec'].ports[0].nodePort],
    );
  });

  it('answers a dry run without a look at what is taken', async () => {
    const made = await create(service('taken', { ports: [{ port: 80 }] }));
    const dry = await create(
      service('dry', { clusterIP: made['spec'].clusterIP, ports: [{ port: 80 }] }),
      true,
    );
    assert.equal(dry['spec'].clusterIP, made['spec'].clusterIP);
    const any = await create(service('dry', { ports: [{ port: 80 }] }), true);
    assert.equal(any['spec'].clusterIP, '10.96.0.0');
    await assert.rejects(
      create(service('dry', { clusterIP: '192.0.2.1', ports: [{ port: 80 }] }), true),
      refusal(
        'dry',
        'spec.clusterIPs: Invalid value: ["192.0.2.1"]: failed to allocate IP 192.0.2.1: the provided IP (192.0.2.1) is not in the valid range. The range of valid IPs is 10.96.0.0/16',
      ),
    );
  });

  it('says why an address cannot be had', async () => {
    const made = await create(service('holder', { ports: [{ port: 80 }] }));
    const address: string = made['spec'].clusterIP;
    for (const [asked, why] of [
      [address, 'provided IP is already allocated'],
      ['10.97.0.9', 'the provided network does not match the current range'],
      [
        '10.96.255.255',
        'the provided IP (10.96.255.255) is not in the valid range. The range of valid IPs is 10.96.0.0/16',
      ],
    ] as const) {
      await assert.rejects(
        create(service('late', { clusterIP: asked, ports: [{ port: 80 }] })),
        refusal(
          'late',
          `spec.clusterIPs: Invalid value: ["${asked}"]: failed to allocate IP ${asked}: ${why}`,
        ),
      );
    }
  });

  it('refuses a health check port that is out of range as an internal error', async () => {
    const spec = {
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 80,
      ports: [{ port: 80 }],
    };
    await assert.rejects(create(service('balanced', spec)), {
      message:
        'Internal error occurred: failed to allocate requested HealthCheck NodePort 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
    });
  });

  it('gives addresses of a ServiceCIDR from its creation to its end', async () => {
    const spec = { cidrs: ['10.99.0.0/24'] };
    const asked = service('added', { clusterIP: '10.99.0.7', ports: [{ port: 80 }] });
    await client.resource(ranges).create({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'ServiceCIDR',
      metadata: { name: 'more' },
      spec,
    });
    assert.equal((await create(asked))['spec'].clusterIP, '10.99.0.7');
    await client.resource(services, 'default').delete('added');
    await client.resource(ranges).delete('more');
    await assert.rejects(create(asked), /the provided network does not match the current range/);
  });
});
