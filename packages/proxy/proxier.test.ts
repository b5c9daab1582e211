import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Logger, silentLogger, systemClock } from '@coxswain/machinery';
import { HealthServers } from './health-servers.ts';
import { ProxyHealth } from './healthz-server.ts';
import { commandRunner } from './nft/nft-runner.ts';
import { Proxier } from './proxier.ts';
import { MemorySource } from './testing/memory-source.ts';
import { labMissing, NetLab, type Peer } from './testing/net-lab.ts';
import { makeEndpoint, makeService, makeSlice } from './testing/objects.ts';

const missing = labMissing();

describe('Proxier in a real kernel', { skip: missing ?? false }, () => {
  let lab: NetLab;
  let proxier: Proxier;
  let web1: Peer;
  let web2: Peer;
  let client: Peer;
  const source = new MemorySource();
  const errors: unknown[] = [];
  const logger: Logger = {
    ...silentLogger,
    error: (m, f) => errors.push([m, f]),
    warn: (m, f) => errors.push([m, f]),
  };
  const port = { port: 80, protocol: 'TCP' };

  before(async () => {
    lab = new NetLab();
    [web1, web2, client] = await Promise.all([lab.pod('web1'), lab.pod('web2'), lab.pod()]);
    const health = new ProxyHealth(systemClock);
    proxier = new Proxier({
      nodeIps: ['10.99.0.1'],
      clusterCidrs: ['10.244.0.0/16'],
      serviceCidrs: ['10.96.0.0/16'],
      source,
      runner: commandRunner(['nsenter', `--net=${lab.node.netns}`]),
      clock: systemClock,
      logger,
      health,
      healthServers: new HealthServers(logger, () => true),
    });
    source.proxier = proxier;
    proxier.start();
    await proxier.synced();
  });

  after(async () => {
    await proxier?.close();
    await lab?.close();
    assert.deepEqual(errors, []);
  });

  /** Who answers over so many new connections. */
  async function answers(peer: Peer, host: string, to: number, times = 24): Promise<Set<string>> {
    const seen = new Set<string>();
    for (let i = 0; i < times; i++) seen.add(await peer.ask(host, to));
    return seen;
  }

  test('spreads a cluster address over all ready endpoints, from pod, node and outside', async () => {
    const spec = { clusterIP: '10.96.0.20', ports: [port] };
    await source.set(
      'web',
      makeService('web', spec),
      makeSlice(
        'web',
        [web1, web2].map((p) => makeEndpoint(p.address)),
      ),
    );
    for (const peer of [client, lab.node, lab.outside]) {
      assert.deepEqual(await answers(peer, '10.96.0.20', 80), new Set(['web1', 'web2']));
    }
  });

  test('keeps the source of a pod and hides that of others', async () => {
    const fromPod = await client.send({ op: 'get', host: '10.96.0.20', port: 80 });
    assert.equal(fromPod.from, client.address);
    const fromOutside = await lab.outside.send({ op: 'get', host: '10.96.0.20', port: 80 });
    assert.equal(fromOutside.from, '10.244.1.1');
  });

  test('lets a pod reach itself through its service', async () => {
    const spec = { clusterIP: '10.96.0.21', ports: [port] };
    await source.set('own', makeService('own', spec), makeSlice('own', [makeEndpoint(web1.address)]));
    const { name, from } = await web1.send({ op: 'get', host: '10.96.0.21', port: 80 });
    assert.deepEqual({ name, from }, { name: 'web1', from: '10.244.1.1' });
  });

  test('keeps a connection whose endpoint is removed and sends new ones elsewhere', async () => {
    const spec = { clusterIP: '10.96.0.22', ports: [port] };
    const service = makeService('roll', spec);
    await source.set('roll', service, makeSlice('roll', [makeEndpoint(web1.address)]));
    const hold = { op: 'hold', host: '10.96.0.22', port: 80 } as const;
    assert.equal((await client.send(hold)).name, 'web1');
    await source.set('roll', service, makeSlice('roll', [makeEndpoint(web2.address)]));
    assert.equal((await client.send(hold)).name, 'web1');
    assert.deepEqual(await answers(client, '10.96.0.22', 80, 8), new Set(['web2']));
  });

  test('refuses at once when a service has no endpoints, and works when it gets some', async () => {
    const service = makeService('late', {
      type: 'NodePort',
      clusterIP: '10.96.0.23',
      ports: [{ ...port, nodePort: 30002 }],
    });
    await source.set('late', service, makeSlice('late', []));
    assert.equal(await client.ask('10.96.0.23', 80), 'ECONNREFUSED');
    assert.equal(await lab.node.ask('10.96.0.23', 80), 'ECONNREFUSED');
    assert.equal(await lab.outside.ask('10.99.0.1', 30002), 'ECONNREFUSED');
    await source.set('late', service, makeSlice('late', [makeEndpoint(web2.address)]));
    assert.equal(await client.ask('10.96.0.23', 80), 'web2');
    assert.equal(await lab.outside.ask('10.99.0.1', 30002), 'web2');
    assert.equal(await client.ask('10.96.0.23', 81), 'ECONNREFUSED', 'a port that the service has not');
  });

  test('answers node ports from outside, the node itself and pods', async () => {
    const spec = { type: 'NodePort', clusterIP: '10.96.0.24', ports: [{ ...port, nodePort: 30001 }] };
    await source.set(
      'np',
      makeService('np', spec),
      makeSlice(
        'np',
        [web1, web2].map((p) => makeEndpoint(p.address)),
      ),
    );
    for (const peer of [lab.outside, lab.node, client]) {
      assert.deepEqual(await answers(peer, '10.99.0.1', 30001), new Set(['web1', 'web2']));
    }
  });

  test('externalTrafficPolicy Local keeps the source of outside traffic', async () => {
    const spec = {
      type: 'NodePort',
      externalTrafficPolicy: 'Local',
      clusterIP: '10.96.0.25',
      ports: [{ ...port, nodePort: 30003 }],
    };
    const service = makeService('etp', spec);
    await source.set(
      'etp',
      service,
      makeSlice('etp', [makeEndpoint(web1.address), makeEndpoint('10.244.2.9', {}, 'there')]),
    );
    const answer = await lab.outside.send({ op: 'get', host: '10.99.0.1', port: 30003 });
    assert.deepEqual(answer, { name: 'web1', from: '10.99.0.2' });
    await source.set('etp', service, makeSlice('etp', [makeEndpoint('10.244.2.9', {}, 'there')]));
    assert.equal(
      await lab.outside.ask('10.99.0.1', 30003),
      'TIMEOUT',
      'dropped, for another node to be tried',
    );
  });

  test('serves external and load balancer addresses, the latter for their source ranges', async () => {
    const spec = {
      type: 'LoadBalancer',
      clusterIP: '10.96.0.26',
      externalIPs: ['198.51.100.7'],
      loadBalancerSourceRanges: ['10.244.0.0/16'],
      ports: [port],
    };
    await source.set(
      'lb',
      makeService('lb', spec, ['198.51.100.8']),
      makeSlice('lb', [makeEndpoint(web1.address)]),
    );
    assert.equal(await lab.outside.ask('198.51.100.7', 80), 'web1');
    assert.equal(await client.ask('198.51.100.8', 80), 'web1');
    assert.equal(await lab.outside.ask('198.51.100.8', 80), 'TIMEOUT');
  });

  test('sessionAffinity ClientIP keeps a client with its endpoint until that is gone', async () => {
    const spec = { clusterIP: '10.96.0.27', sessionAffinity: 'ClientIP', ports: [port] };
    const service = makeService('sticky', spec);
    const both = [web1, web2].map((p) => makeEndpoint(p.address));
    await source.set('sticky', service, makeSlice('sticky', both));
    const [first] = await answers(client, '10.96.0.27', 80, 1);
    assert.deepEqual(await answers(client, '10.96.0.27', 80, 16), new Set([first]));
    const left = first === 'web1' ? web2 : web1;
    await source.set('sticky', service, makeSlice('sticky', [makeEndpoint(left.address)]));
    assert.deepEqual(
      await answers(client, '10.96.0.27', 80, 4),
      new Set([first === 'web1' ? 'web2' : 'web1']),
    );
  });

  test('moves a UDP client to the new endpoint though it keeps its port', async () => {
    const spec = { clusterIP: '10.96.0.28', ports: [{ port: 53, protocol: 'UDP' }] };
    const service = makeService('udp', spec);
    const ask = { op: 'ask-udp', host: '10.96.0.28', port: 53, localPort: 40000 } as const;
    await source.set('udp', service, makeSlice('udp', [makeEndpoint(web1.address)], 5353, 'UDP'));
    assert.equal((await client.send(ask)).name, 'web1');
    await source.set('udp', service, makeSlice('udp', [makeEndpoint(web2.address)], 5353, 'UDP'));
    assert.equal((await client.send(ask)).name, 'web2');
  });

  test('takes a service away whole, and what another service shares stays', async () => {
    for (const name of ['sticky', 'late', 'etp', 'lb', 'np', 'udp', 'roll']) await source.set(name);
    assert.equal(await client.ask('10.96.0.24', 80), 'TIMEOUT', 'no service has the address now');
    assert.equal(await lab.outside.ask('10.99.0.1', 30001), 'ECONNREFUSED', 'the node itself answers');
    assert.equal((await web1.send({ op: 'get', host: '10.96.0.21', port: 80 })).name, 'web1');
  });
});
