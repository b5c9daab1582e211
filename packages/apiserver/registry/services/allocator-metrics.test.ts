import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestListener } from '../../http/testing-listener.ts';

test('addresses that services are given are counted by range, and those that cannot be had', async () => {
  const listener = await TestListener.start();
  const create = async (name: string, clusterIP?: string): Promise<number> => {
    const spec = { ports: [{ port: 80 }], ...(clusterIP === undefined ? {} : { clusterIP }) };
    const body = JSON.stringify({ metadata: { name }, spec });
    return (await listener.ask('/api/v1/namespaces/default/services', { method: 'POST', body })).code;
  };
  const cidr =
    /allocator_available_ips\{cidr="([^"]+)"/.exec((await listener.ask('/metrics')).body)?.[1] ?? '';
  const asked = cidr.replace(/\.0\/\d+$/, '.77');
  assert.deepEqual([await create('a'), await create('b', asked), await create('c', asked)], [201, 201, 422]);
  const lines = new Set((await listener.ask('/metrics')).body.split('\n'));
  const prefix = 'kube_apiserver_clusterip_allocator_allocation';
  for (const line of [
    `${prefix}_total{cidr="${cidr}",scope="dynamic"} 1`,
    `${prefix}_total{cidr="${cidr}",scope="static"} 1`,
    `${prefix}_errors_total{cidr="${cidr}",scope="static"} 1`,
    `${prefix}_duration_seconds_count{cidr="${cidr}"} 2`,
  ]) {
    assert.ok(lines.has(line), line);
  }
  await listener.close();
});
