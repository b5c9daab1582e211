import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ResourceRequest, Transport } from '@coxswain/client';
import { type KubeObject, newConflict, VirtualClock } from '@coxswain/machinery';
import { MemoryReader } from '../../memory-reader.ts';
import { attributesOf, run } from '../testing.ts';
import type { LimitedResource } from './limited-resources.ts';
import { ResourceQuota } from './resource-quota.ts';

interface World {
  readonly reader: MemoryReader;
  readonly plugin: ResourceQuota;
  /** Conflicts that the next writes meet. */
  conflicts: number;
  used(): Record<string, string>;
}

const at = { group: '', resource: 'resourcequotas' } as const;

function world(
  hard: Record<string, string>,
  used: Record<string, string> | undefined,
  limited: readonly LimitedResource[] = [],
): World {
  const reader = new MemoryReader();
  const quota = { metadata: { name: 'q', namespace: 'ns', uid: 'u', resourceVersion: '1' }, spec: { hard } };
  reader.put('resourcequotas', { ...quota, status: used === undefined ? { hard } : { hard, used } });
  let revision = 1;
  const made: World = {
    reader,
    conflicts: 0,
    used: () => reader.get(at, 'ns', 'q')?.['status'].used,
    plugin: new ResourceQuota(reader, new VirtualClock(), () => transport, limited),
  };
  const transport = {
    request: async ({ body, name = '' }: ResourceRequest) => {
      if (made.conflicts-- > 0) throw newConflict(at, name, 'the object has been modified');
      const next = body as KubeObject;
      next.metadata = { ...next.metadata, resourceVersion: String(++revision) };
      reader.put('resourcequotas', next);
      return next;
    },
  } as unknown as Transport;
  return made;
}

function pod(name: string, cpu?: string) {
  const resources = cpu === undefined ? {} : { requests: { cpu } };
  return { metadata: { name }, spec: { containers: [{ name: 'a', resources }] } };
}

describe('ResourceQuota', () => {
  const hard = { pods: '1', 'requests.cpu': '1', 'count/configmaps': '2' };
  const used = { pods: '0', 'requests.cpu': '0', 'count/configmaps': '1' };

  test('charges what fits and refuses what does not', async () => {
    const { plugin, used: now } = world(hard, used);
    assert.equal(
      await run(plugin, { object: pod('p1') }),
      'pods "p1" is forbidden: failed quota: q: must specify requests.cpu for: a',
    );
    assert.equal(
      await run(plugin, { object: pod('p1', '1500m') }),
      'pods "p1" is forbidden: exceeded quota: q, requested: requests.cpu=1500m, used: requests.cpu=0, limited: requests.cpu=1',
    );
    assert.equal(await run(plugin, { object: pod('p1', '500m') }), '');
    assert.deepEqual(now(), { pods: '1', 'requests.cpu': '500m', 'count/configmaps': '1' });
    assert.equal(
      await run(plugin, { object: pod('p2', '600m') }),
      'pods "p2" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=600m, used: pods=1,requests.cpu=500m, limited: pods=1,requests.cpu=1',
    );
  });

  test('never grants one unit twice, whatever comes at once', async () => {
    const { plugin, used: now } = world(hard, used);
    const object = { metadata: { name: 'c' } };
    const answers = await Promise.all(
      [1, 2, 3].map(() => run(plugin, { resource: 'configmaps', kind: 'ConfigMap', object })),
    );
    assert.equal(answers.filter((answer) => answer === '').length, 1);
    assert.equal(now()['count/configmaps'], '2');
  });

  test('tries again when another server wrote the quota', async () => {
    const made = world(hard, used);
    made.conflicts = 2;
    assert.equal(await run(made.plugin, { object: pod('p1', '1') }), '');
    assert.equal(made.used()['requests.cpu'], '1');
  });

  test('writes nothing on a dry run and says when use is not known yet', async () => {
    const { plugin, used: now } = world(hard, used);
    await plugin.validate(attributesOf({ object: pod('p1', '1'), dryRun: true }));
    assert.equal(now()['pods'], '0');
    assert.equal(
      await run(world({ pods: '1' }, undefined).plugin, { object: pod('p') }),
      'pods "p" is forbidden: status unknown for quota: q, resources: pods',
    );
  });

  test('lets nothing limited through that no quota covers', async () => {
    const storage = 'gold.storageclass.storage.k8s.io/requests.storage';
    const claim = {
      metadata: { name: 'c' },
      spec: { storageClassName: 'gold', resources: { requests: { storage: '1Gi' } } },
    };
    const asked = { resource: 'persistentvolumeclaims', kind: 'PersistentVolumeClaim', object: claim };
    const limited = [
      {
        group: '',
        resource: 'persistentvolumeclaims',
        matchContains: ['.storageclass.storage.k8s.io/requests.storage'],
        matchScopes: [],
      },
    ];
    assert.equal(
      await run(world({ pods: '1' }, { pods: '0' }, limited).plugin, asked),
      `persistentvolumeclaims "c" is forbidden: insufficient quota to consume: ${storage}`,
    );
    assert.equal(await run(world({ [storage]: '2Gi' }, { [storage]: '0' }, limited).plugin, asked), '');
    assert.equal(await run(world({ pods: '1' }, { pods: '0' }, limited).plugin, { object: pod('p') }), '');
  });

  test('tells of scopes that no quota is about as upstream does', async () => {
    const scope = { scopeName: 'PriorityClass', operator: 'In', values: ['high'] };
    const limited = [{ group: '', resource: 'pods', matchContains: [], matchScopes: [scope] }];
    const { plugin } = world({ pods: '5' }, { pods: '0' }, limited);
    const object = { ...pod('p'), spec: { ...pod('p').spec, priorityClassName: 'high' } };
    await assert.rejects(
      async () => plugin.validate(attributesOf({ object })),
      (error: any) => {
        assert.equal(error.message, 'insufficient quota to match these scopes: [{PriorityClass In [high]}]');
        assert.deepEqual([error.status.code, error.status.reason], [500, undefined]);
        return true;
      },
    );
    assert.equal(await run(plugin, { object: pod('p') }), '');
  });

  test('refuses negative use, and charges only what an update adds', async () => {
    const made = world({ 'requests.cpu': '2' }, { 'requests.cpu': '1' });
    assert.equal(
      await run(made.plugin, { object: pod('p', '-1') }),
      'pods "p" is forbidden: quota usage is negative for resource(s): cpu,requests.cpu',
    );
    const before = { ...pod('p', '1'), metadata: { name: 'p', resourceVersion: '1' } };
    const resized = (cpu: string) => ({
      operation: 'UPDATE' as const,
      subresource: 'resize',
      object: pod('p', cpu),
      oldObject: before,
    });
    assert.equal(await run(made.plugin, resized('500m')), '');
    assert.equal(made.used()['requests.cpu'], '1');
    assert.equal(await run(made.plugin, resized('1500m')), '');
    assert.equal(made.used()['requests.cpu'], '1500m');
  });
});
