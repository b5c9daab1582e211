import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '@coxswain/client';
import { createInformerFactory, FakeTransport } from '@coxswain/controller';
import { until } from '@coxswain/machinery/testing';
import { startNodeNetwork } from './node-network.ts';

const skip = process.platform !== 'linux' ? 'not on Linux' : process.getuid?.() !== 0 ? 'not root' : false;

const nodes = { group: '', version: 'v1', resource: 'nodes' };

function node(name: string, address: string, podCIDR?: string) {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: podCIDR === undefined ? {} : { podCIDR, podCIDRs: [podCIDR] },
    status: { addresses: [{ type: 'InternalIP', address }] },
  };
}

test('startNodeNetwork() tells containerd of the pod network and follows the other nodes', {
  skip,
}, async (t) => {
  const netns = `/run/netns/nodenet${process.pid}`;
  const dir = await mkdtemp(join(tmpdir(), 'nodenet-'));
  await mkdir('/run/netns', { recursive: true });
  writeFileSync(netns, '');
  execFileSync('unshare', [`--net=${netns}`, 'true']);
  const stop = new AbortController();
  t.after(async () => {
    stop.abort();
    execFileSync('umount', [netns]);
    rmSync(netns);
    await rm(dir, { recursive: true });
  });
  const inNode = (command: string, input = ''): string =>
    execFileSync('nsenter', [`--net=${netns}`, 'sh', '-c', command], { input, encoding: 'utf8' });
  inNode(
    'ip -batch -',
    'link add eth0 mtu 1400 type bridge\naddress add 10.9.0.11/24 dev eth0\nlink set eth0 up\n',
  );
  // Left by an earlier agent of this node, from a node that is gone by now.
  inNode('ip route add 10.8.9.0/24 via 10.9.0.99 proto 88');

  const transport = new FakeTransport();
  const client = new Client(transport);
  transport.seed(nodes, node('me', '10.9.0.11'), node('other', '10.9.0.12', '10.8.2.0/24'));
  const informers = createInformerFactory(client, {});
  const cniConfDir = join(dir, 'cni');
  await startNodeNetwork({
    informers,
    nodeName: 'me',
    nodeIp: '10.9.0.11',
    clusterCidrs: ['10.8.0.0/16'],
    cniConfDir,
    netns,
    signal: stop.signal,
  });
  informers.start(stop.signal);

  const routes = (): string => inNode('ip route show proto 88').replace(/ +\n/g, '\n');
  const untilIs = (read: () => string, wanted: RegExp): Promise<void> => until(() => wanted.test(read()));
  await untilIs(routes, /^10\.8\.2\.0\/24 via 10\.9\.0\.12 dev eth0\s*$/);

  const own = await client.resource(nodes).get('me');
  await client
    .resource(nodes)
    .update({ ...own, spec: { podCIDR: '10.8.1.0/24', podCIDRs: ['10.8.1.0/24'] } });
  const config = (): string => {
    try {
      return readFileSync(join(cniConfDir, '10-coxswain.conflist'), 'utf8');
    } catch {
      return '';
    }
  };
  await untilIs(config, /"subnet": "10\.8\.1\.0\/24"/);
  assert.equal((JSON.parse(config()) as { plugins: { mtu?: number }[] }).plugins[0]?.mtu, 1400);
  assert.match(inNode('nft list table ip coxswain-node'), /saddr 10\.8\.1\.0\/24 .* masquerade/);

  await client.resource(nodes).delete('other');
  await untilIs(routes, /^$/);
});
