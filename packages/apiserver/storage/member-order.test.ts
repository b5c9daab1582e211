import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { byName, inStoredOrder, inTypeOrder } from './member-order.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  status: {},
  spec: {
    restartPolicy: 'Always',
    containers: [{ image: 'i', name: 'c', resources: { requests: { memory: '1', cpu: '2' } } }],
    nodeSelector: { b: '1', a: '2' },
  },
  metadata: { labels: { z: '1' }, uid: 'u', namespace: 'n', name: 'p' },
};

test('inTypeOrder() writes members as the type has them and maps by name', () => {
  assert.equal(
    JSON.stringify(inTypeOrder(pod as unknown as KubeObject)),
    '{"kind":"Pod","apiVersion":"v1",' +
      '"metadata":{"name":"p","namespace":"n","uid":"u","labels":{"z":"1"}},' +
      '"spec":{"containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"2","memory":"1"}}}],' +
      '"restartPolicy":"Always","nodeSelector":{"a":"2","b":"1"}},"status":{}}',
  );
});

test('inTypeOrder() changes nothing that is in order and nothing of what it is given', () => {
  const before = structuredClone(pod);
  const ordered = inTypeOrder(pod as unknown as KubeObject);
  assert.deepEqual(pod, before);
  assert.equal(inTypeOrder(ordered), ordered);
  assert.equal((ordered as any).status, pod.status);
});

test('inTypeOrder() keeps members that no type has, and kinds that are not built in', () => {
  const more = { ...pod, spec: { zzz: 1, containers: [] } } as unknown as KubeObject;
  assert.deepEqual(Object.keys((inTypeOrder(more) as any).spec), ['containers', 'zzz']);
  const custom = {
    apiVersion: 'a.example.com/v1',
    kind: 'Pod',
    metadata: { uid: 'u', name: 'n' },
  } as KubeObject;
  assert.equal(inTypeOrder(custom), custom);
});

test('inStoredOrder() leaves room for the resourceVersion', () => {
  const { metadata } = inStoredOrder(pod as unknown as KubeObject);
  assert.deepEqual(Object.keys(metadata), ['name', 'namespace', 'uid', 'resourceVersion', 'labels']);
  assert.equal(metadata.resourceVersion, '');
});

test('byName() sorts the members of all objects', () => {
  const odd = JSON.parse('{"b":[{"d":1,"c":null}],"__proto__":2,"a":{"f":"x","e":[]}}');
  assert.equal(JSON.stringify(byName(odd)), '{"__proto__":2,"a":{"e":[],"f":"x"},"b":[{"c":null,"d":1}]}');
  assert.equal(byName(7), 7);
});
