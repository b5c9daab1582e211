import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planCluster } from './plan.ts';

const machine = { routes: ['192.0.2.0/24'], mtu: 1400 };

test('planCluster() gives each real node an address, a namespace and a socket of its own', () => {
  const plan = planCluster({ dir: '/var/lib/coxswain', nodes: 2 }, machine);
  assert.deepEqual(
    plan.nodes.map((n) => [n.name, n.address, n.netns, n.hostInterface, n.cgroupRoot]),
    [
      ['node-1', '10.213.0.11', '/run/netns/cox-node-1', 'cox-n1', '/coxswain/node-1'],
      ['node-2', '10.213.0.12', '/run/netns/cox-node-2', 'cox-n2', '/coxswain/node-2'],
    ],
  );
  assert.equal(plan.gateway, '10.213.0.1');
  assert.equal(plan.clusterDns, '10.96.0.10');
  assert.equal(plan.mtu, 1400);
});

test('planCluster() passes over a node network that the machine routes', () => {
  const plan = planCluster({ dir: '/x', nodes: 1 }, { routes: ['10.213.0.0/16'], mtu: 9000 });
  assert.equal(plan.nodeCidr, '10.214.0.0/24');
  assert.equal(plan.mtu, 1500);
});

test('planCluster() refuses a pod network that is in use, and says which', () => {
  assert.throws(() => planCluster({ dir: '/x', nodes: 1 }, { routes: ['10.244.3.0/24'], mtu: 1500 }), {
    code: 'ADDRESS_IN_USE',
    message: /10\.244\.0\.0\/16 meets 10\.244\.3\.0\/24/,
  });
});

test('planCluster() keeps two clusters apart by name', () => {
  const a = planCluster({ dir: '/a', nodes: 1 }, machine);
  const b = planCluster({ dir: '/b', nodes: 1, name: 'e2e' }, machine);
  for (const part of ['bridge', 'nftTable', 'cgroup'] as const) assert.notEqual(a[part], b[part]);
  assert.notEqual(a.nodes[0]?.netns, b.nodes[0]?.netns);
});

test('planCluster() with simulated nodes alone asks nothing of the network', () => {
  const plan = planCluster({ dir: '/x', simulate: 3 }, { routes: ['10.244.0.0/16'], mtu: 1500 });
  assert.deepEqual(
    plan.nodes.map((n) => n.name),
    ['sim-1', 'sim-2', 'sim-3'],
  );
  assert.equal(plan.gateway, '127.0.0.1');
});

test('planCluster() refuses names and paths that the kernel would cut', () => {
  assert.throws(() => planCluster({ dir: '/x', name: 'much-too-long' }, machine), { code: 'INVALID_OPTION' });
  assert.throws(() => planCluster({ dir: `/${'x'.repeat(90)}`, nodes: 1 }, machine), {
    code: 'INVALID_OPTION',
  });
  assert.throws(() => planCluster({ dir: 'relative' }, machine), { code: 'INVALID_OPTION' });
});
