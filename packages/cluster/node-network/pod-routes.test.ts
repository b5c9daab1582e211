import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffRoutes, podRoutes } from './pod-routes.ts';

function node(name: string, podCIDR: string | undefined, address: string | undefined) {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: podCIDR === undefined ? {} : { podCIDR, podCIDRs: [podCIDR] },
    status: address === undefined ? {} : { addresses: [{ type: 'InternalIP', address }] },
  };
}

test('podRoutes() leads to every other node that has a block and an address', () => {
  const nodes = [
    node('a', '10.244.0.0/24', '10.213.0.11'),
    node('b', '10.244.1.0/24', '10.213.0.12'),
    node('new', undefined, '10.213.0.13'),
    node('silent', '10.244.3.0/24', undefined),
    node('simulated', '10.244.4.0/24', '127.0.0.1'),
  ];
  assert.deepEqual(podRoutes(nodes, 'a'), [{ block: '10.244.1.0/24', via: '10.213.0.12' }]);
});

test('diffRoutes() changes what moved, removes what is stale and leaves the rest', () => {
  const present = [
    { block: '10.244.1.0/24', via: '10.213.0.12' },
    { block: '10.244.2.0/24', via: '10.213.0.13' },
    { block: '10.244.3.0/24', via: '10.213.0.14' },
  ];
  const wanted = [
    { block: '10.244.1.0/24', via: '10.213.0.12' },
    { block: '10.244.2.0/24', via: '10.213.0.99' },
  ];
  assert.deepEqual(diffRoutes(present, wanted), [
    'route delete 10.244.3.0/24 via 10.213.0.14',
    'route replace 10.244.2.0/24 via 10.213.0.99',
  ]);
  assert.deepEqual(diffRoutes(wanted, wanted), []);
});
