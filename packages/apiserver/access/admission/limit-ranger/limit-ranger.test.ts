import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemoryReader } from '../../memory-reader.ts';
import { run } from '../testing.ts';
import { LimitRanger } from './limit-ranger.ts';

function plugin(...limits: object[]): LimitRanger {
  const reader = new MemoryReader();
  reader.put('limitranges', { metadata: { name: 'l', namespace: 'ns' }, spec: { limits } });
  return new LimitRanger(reader);
}

describe('LimitRanger', () => {
  test('gives containers what they lack and says so', async () => {
    const pod: {
      metadata: { name: string; annotations?: Record<string, string> };
      spec: { containers: object[] };
    } = {
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'a', resources: { requests: { cpu: '1' } } }] },
    };
    const item = {
      type: 'Container',
      defaultRequest: { cpu: '100m', memory: '1Mi' },
      default: { memory: '2Mi', cpu: '2' },
    };
    assert.equal(await run(plugin(item), { object: pod }), '');
    assert.deepEqual(pod.spec.containers, [
      {
        name: 'a',
        resources: { requests: { cpu: '1', memory: '1Mi' }, limits: { memory: '2Mi', cpu: '2' } },
      },
    ]);
    assert.deepEqual(pod.metadata.annotations, {
      'kubernetes.io/limit-ranger':
        'LimitRanger plugin set: memory request for container a; cpu, memory limit for container a',
    });
  });

  test('refuses what is out of bounds', async () => {
    const pod = {
      metadata: { name: 'p' },
      spec: { containers: [{ name: 'a', resources: { requests: { cpu: '1' }, limits: { cpu: '4' } } }] },
    };
    const item = {
      type: 'Container',
      min: { memory: '1Mi' },
      max: { cpu: '2' },
      maxLimitRequestRatio: { cpu: '3' },
    };
    assert.equal(
      await run(plugin(item), { object: pod }),
      'pods "p" is forbidden: [minimum memory usage per Container is 1Mi.  No request is specified, maximum cpu usage per Container is 2, but limit is 4, cpu max limit to request ratio per Container is 3, but provided ratio is 4.000000]',
    );
  });

  test('bounds the size of claims', async () => {
    const claim = { metadata: { name: 'c' }, spec: { resources: { requests: { storage: '5Gi' } } } };
    const item = { type: 'PersistentVolumeClaim', max: { storage: '1Gi' } };
    assert.equal(
      await run(plugin(item), {
        resource: 'persistentvolumeclaims',
        kind: 'PersistentVolumeClaim',
        object: claim,
      }),
      'persistentvolumeclaims "c" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 5Gi',
    );
  });
});
