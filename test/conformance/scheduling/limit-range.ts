import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idle, pod } from '../../e2e/support/objects.ts';
import type { Suite } from '../support/suite.ts';

const resources = (cpu: string, memory: string, storage: string): Record<string, string> => ({
  cpu,
  memory,
  'ephemeral-storage': storage,
});

const limitRange = (name: string, labels: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name, labels },
  spec: {
    limits: [
      {
        type: 'Container',
        min: resources('50m', '100Mi', '100Gi'),
        max: resources('500m', '500Mi', '500Gi'),
        default: resources('500m', '500Mi', '500Gi'),
        defaultRequest: resources('100m', '200Mi', '200Gi'),
      },
    ],
  },
});

export function limitRanges({ api, namespace }: Suite): void {
  test('LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied.', async () => {
    const base = `/api/v1/namespaces/${await namespace('limitrange')}`;
    const path = `${base}/limitranges/limit-range`;
    const log = await api.watch(`${base}/limitranges`);
    await api.create(`${base}/limitranges`, limitRange('limit-range'));
    await log.next('ADDED', ({ type }) => type === 'ADDED');
    assert.deepEqual((await api.get(path)).spec, (limitRange('limit-range') as any).spec);

    const make = (name: string, requests?: object, limits?: object): Promise<any> =>
      api.call(
        'POST',
        `${base}/pods`,
        pod(name, { ...idle, resources: { ...(requests && { requests }), ...(limits && { limits }) } }),
      );
    const plain = await make('pod-no-resources');
    assert.deepEqual(plain.body.spec.containers[0].resources, {
      requests: resources('100m', '200Mi', '200Gi'),
      limits: resources('500m', '500Mi', '500Gi'),
    });
    const partial = await make(
      'pod-partial-resources',
      { cpu: '150m', memory: '150Mi', 'ephemeral-storage': '150Gi' },
      { cpu: '300m', 'ephemeral-storage': '300Gi' },
    );
    assert.deepEqual(partial.body.spec.containers[0].resources, {
      requests: resources('150m', '150Mi', '150Gi'),
      limits: resources('300m', '500Mi', '300Gi'),
    });
    const small = await make('too-small', { cpu: '10m', memory: '50Mi', 'ephemeral-storage': '50Gi' });
    assert.equal(small.status, 403);
    assert.match(small.body.message, /minimum cpu usage per Container is 50m, but request is 10m/);
    const big = await make('too-big', { cpu: '600m', memory: '600Mi', 'ephemeral-storage': '600Gi' });
    assert.ok(big.status === 403 || big.status === 422);

    const updated = await api.change(path, (object) => {
      object.spec.limits[0].min = resources('9m', '49Mi', '49Gi');
    });
    assert.equal(updated.spec.limits[0].min.cpu, '9m');
    assert.equal(
      (await make('now-big-enough', { cpu: '10m', memory: '50Mi', 'ephemeral-storage': '50Gi' })).status,
      201,
    );
    assert.equal((await make('still-too-big', undefined, resources('600m', '600Mi', '600Gi'))).status, 403);
    await api.delete(path);
    await log.next('DELETED', ({ type }) => type === 'DELETED');
    log.close();
    await api.gone(path);
    assert.equal((await make('unlimited', { cpu: '600m' })).status, 201);
  });

  test('LimitRange should list, patch and delete a LimitRange by collection', async () => {
    const first = `/api/v1/namespaces/${await namespace('limitrange')}/limitranges`;
    const second = `/api/v1/namespaces/${await namespace('limitrange')}/limitranges`;
    const labels = { 'e2e-limit-range': 'listed' };
    await api.create(first, limitRange('one', labels));
    await api.create(second, limitRange('two', labels));
    const all = '/api/v1/limitranges?labelSelector=e2e-limit-range%3Dlisted';
    assert.equal((await api.get(all)).items.length, 2);
    const patched = await api.patch(`${first}/one`, {
      metadata: { labels: { one: 'patched' } },
      spec: {
        limits: [{ ...(limitRange('one') as any).spec.limits[0], min: resources('40m', '90Mi', '90Gi') }],
      },
    });
    assert.equal(patched.spec.limits[0].min.cpu, '40m');
    await api.delete(`${first}?labelSelector=one%3Dpatched`);
    assert.equal((await api.get(first)).items.length, 0);
    assert.equal((await api.get(all)).items.length, 1);
  });
}
