import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricsRegistry, systemClock } from '@coxswain/machinery';
import { MemoryStore } from '@coxswain/store';
import { MeasuredStore, resourcePart } from './measured-store.ts';

const encode = (object: object): Uint8Array => Buffer.from(JSON.stringify(object));

function configMap(size: number): Uint8Array {
  return encode({
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'a', namespace: 'b' },
    data: { a: 'x'.repeat(size) },
  });
}

test('MeasuredStore times requests by what they do and what they are about', async () => {
  const metrics = new MetricsRegistry();
  const store = new MeasuredStore(new MemoryStore({ clock: systemClock }), systemClock, metrics, () => [
    'apps',
    'x',
  ]);
  const key = '/registry/x/a/b';
  const { revision } = await store.create(key, configMap(1));
  await store.update(key, configMap(2), revision);
  await store.get(key);
  await store.range({ prefix: '/registry/x/' });
  await store.delete('/registry/x/a/none', 1);
  const counts = [
    ...metrics.text().matchAll(/^etcd_requests_total\{group="apps",operation="(\w+)",resource="x"\} 1$/gm),
  ];
  assert.deepEqual(
    counts.map(([, operation]) => operation),
    ['create', 'delete', 'get', 'list', 'update'],
  );
  assert.match(
    metrics.text(),
    /^etcd_request_duration_seconds_count\{group="apps",operation="get",resource="x"\} 1$/m,
  );
});

test('MeasuredStore refuses what etcd would refuse, in its words', async () => {
  const store = new MeasuredStore(
    new MemoryStore({ clock: systemClock }),
    systemClock,
    new MetricsRegistry(),
    () => ['', 'configmaps'],
  );
  const key = '/registry/configmaps/b/a';
  await assert.rejects(
    store.create(key, configMap(1_600_000)),
    (error: { status: { code: number; message: string } }) =>
      error.status.code === 500 && error.status.message === 'etcdserver: request is too large',
  );
  assert.ok((await store.create(key, configMap(1_500_000))).ok);
});

test('resourcePart() gives the part of a key that tells its resource', () => {
  for (const [key, part] of [
    ['/registry/pods/default/web', 'pods'],
    ['/registry/services/specs/default/web', 'services/specs'],
    ['/registry/example.com/widgets/default/web', 'example.com/widgets'],
    ['/registry/namespaces/default', 'namespaces'],
  ] as const) {
    assert.equal(resourcePart(key), part);
  }
});
