import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeProtobuf, isProtobuf, typeOfKind } from '@coxswain/api';
import { type KubeObject, silentLogger } from '@coxswain/machinery';
import { MemoryStore, type StoreEvent } from '@coxswain/store';
import { encodeStored } from '../encode.ts';
import { fromStoredMedia, toStoredMedia } from './media.ts';
import { MediaTransformer } from './media-transformer.ts';
import { TransformingStore } from './transforming-store.ts';

const protobuf = 'application/vnd.kubernetes.protobuf';
const text = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString();

const metadata = {
  name: 'a',
  namespace: 'default',
  uid: '0b6b1c5e-0000-0000-0000-000000000001',
  creationTimestamp: '2026-01-01T00:00:00Z',
};
const pod: KubeObject = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { ...metadata, labels: { app: 'ä' } },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'i',
        resources: { limits: { cpu: '500m' } },
        terminationMessagePath: '/dev/termination-log',
        ports: [{ containerPort: 80, protocol: 'TCP' }],
      },
    ],
    terminationGracePeriodSeconds: 30,
  },
  status: { phase: 'Pending' },
};
const custom: KubeObject = {
  kind: 'Boat',
  apiVersion: 'example.com/v1',
  metadata,
  spec: { metadata: { deep: true }, length: 7 },
};

test('toStoredMedia() gives protobuf that fromStoredMedia() reads back', () => {
  const stored = toStoredMedia(encodeStored(pod), protobuf);
  assert.ok(isProtobuf(stored));
  assert.deepEqual(JSON.parse(text(fromStoredMedia(stored))), pod);
});

test('toStoredMedia() leaves kinds without a protobuf form in JSON, and all when JSON is asked for', () => {
  assert.equal(text(toStoredMedia(encodeStored(custom), protobuf)), text(encodeStored(custom)));
  assert.equal(text(toStoredMedia(encodeStored(pod), 'application/json')), text(encodeStored(pod)));
});

test('fromStoredMedia() gives JSON of other writers the order that the cache needs', () => {
  const { apiVersion, kind, ...rest } = custom;
  const foreign = `${JSON.stringify({ apiVersion, data: { metadata: { name: 'no' } }, kind, ...rest })}\n`;
  const value = text(fromStoredMedia(Buffer.from(foreign)));
  assert.ok(value.startsWith('{"kind":"Boat","apiVersion":"example.com/v1","metadata":{"name":"a"'));
  assert.deepEqual(JSON.parse(value), JSON.parse(foreign));
});

test('fromStoredMedia() gives objects in the version that this server stores', () => {
  const old: KubeObject = {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' } },
    status: { currentReplicas: 1, desiredReplicas: 1 },
  };
  const type = typeOfKind({ group: 'autoscaling', version: 'v1', kind: 'HorizontalPodAutoscaler' });
  assert.ok(type);
  for (const stored of [encodeProtobuf(old, type), encodeStored(old)]) {
    const read = JSON.parse(text(fromStoredMedia(stored)));
    assert.equal(read.apiVersion, 'autoscaling/v2');
    assert.equal(read.spec.maxReplicas, 3);
  }
});

test('a store of a media type tells of its own writes with the bytes that were given, of others with what they mean', async () => {
  const shared = new MemoryStore();
  const store = new TransformingStore(shared, new MediaTransformer(protobuf, silentLogger));
  const other = new TransformingStore(shared, new MediaTransformer(protobuf, silentLogger));
  const events: StoreEvent[] = [];
  store.watch({
    prefix: '/registry/',
    afterRevision: 1,
    onEvents: (more) => void events.push(...more),
    onEnd: () => {},
  });
  const value = encodeStored(pod);
  await store.create('/registry/pods/default/a', value);
  assert.equal(events[0]?.kv.value, value);
  assert.ok(isProtobuf((await shared.get('/registry/pods/default/a'))?.value ?? Buffer.alloc(0)));
  const changed = { ...pod, status: { phase: 'Running' } };
  assert.ok((await other.update('/registry/pods/default/a', encodeStored(changed), 2)).ok);
  const event = events[1];
  assert.ok(event?.type === 'put');
  assert.deepEqual(JSON.parse(text(event.kv.value)), changed);
  assert.deepEqual(JSON.parse(text(event.previous?.value)), pod);
  const refused = await store.update('/registry/pods/default/a', value, 2);
  assert.ok(!refused.ok);
  assert.deepEqual(JSON.parse(text(refused.current?.value)), changed);
});

test('a store of a media type gives what it cannot read as it is, and leaves the bookkeeping of servers alone', async () => {
  const shared = new MemoryStore();
  const store = new TransformingStore(shared, new MediaTransformer(protobuf, silentLogger));
  const range = Buffer.from('k8s\0range');
  await store.create('/registry/ranges/servicenodeports', range);
  await shared.create('/registry/pods/default/broken', Buffer.from('k8s\0\xff', 'latin1'));
  const { kvs } = await store.range({ prefix: '/registry/' });
  assert.deepEqual(
    kvs.map((kv) => Buffer.from(kv.value).toString('latin1')),
    ['k8s\0\xff', 'k8s\0range'],
  );
});
