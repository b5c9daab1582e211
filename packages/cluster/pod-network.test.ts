import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { wantedRoutes } from './pod-network.ts';

const node = (name: string, podCIDR?: string, address?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name },
  spec: podCIDR === undefined ? {} : { podCIDR },
  status: { addresses: address === undefined ? [] : [{ type: 'InternalIP', address }] },
});

test('wantedRoutes() leads to the ranges of all other nodes that have one and can be reached', () => {
  const all = [
    node('a', '10.244.0.0/24', '10.213.0.11'),
    node('b', '10.244.1.0/24', '10.213.0.12'),
    node('no-range', undefined, '10.213.0.13'),
    node('no-address', '10.244.3.0/24'),
  ];
  assert.deepEqual([...wantedRoutes(all, 'a')], [['10.244.1.0/24', '10.213.0.12']]);
});
