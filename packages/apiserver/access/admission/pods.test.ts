import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemoryReader } from '../memory-reader.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';
import { NamespaceLifecycle } from './namespace-lifecycle.ts';
import { Priority } from './priority.ts';
import { ServiceAccountPlugin } from './service-account.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition.ts';
import { run } from './testing.ts';

describe('NamespaceLifecycle', () => {
  const reader = new MemoryReader();
  reader.put('namespaces', { metadata: { name: 'ns' }, status: { phase: 'Active' } });
  reader.put('namespaces', { metadata: { name: 'old' }, status: { phase: 'Terminating' } });
  const plugin = new NamespaceLifecycle(reader);
  const object = { metadata: { generateName: 'late-' } };

  test('refuses new content where there is no namespace or an ending one', async () => {
    assert.equal(await run(plugin, { resource: 'configmaps', object }), '');
    assert.equal(
      await run(plugin, { resource: 'configmaps', namespace: 'old', object }),
      'configmaps "late-" is forbidden: unable to create new content in namespace old because it is being terminated',
    );
    assert.equal(
      await run(plugin, { resource: 'configmaps', namespace: 'nope', object }),
      'namespaces "nope" not found',
    );
  });

  test('keeps the first namespaces', async () => {
    const of = { resource: 'namespaces', kind: 'Namespace', operation: 'DELETE' } as const;
    assert.equal(
      await run(plugin, { ...of, namespace: 'default', name: 'default' }),
      'namespaces "default" is forbidden: this namespace may not be deleted',
    );
    assert.equal(await run(plugin, { ...of, namespace: 'old', name: 'old' }), '');
  });
});

describe('ServiceAccount', () => {
  const reader = new MemoryReader();
  reader.put('serviceaccounts', {
    metadata: { name: 's', namespace: 'ns' },
    imagePullSecrets: [{ name: 'reg' }],
  });
  const plugin = new ServiceAccountPlugin(reader);

  test('mounts the token into every container that has nothing there', async () => {
    const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
    const pod = {
      metadata: { name: 'p' },
      spec: {
        serviceAccountName: 's',
        containers: [{ name: 'a' }, { name: 'b', volumeMounts: [{ name: 'own', mountPath }] }],
      } as Record<string, any>,
    };
    assert.equal(await run(plugin, { object: pod }), '');
    const [volume] = pod.spec['volumes'];
    assert.match(volume.name, /^kube-api-access-[a-z0-9]{5}$/);
    assert.deepEqual(pod.spec['containers'][0].volumeMounts, [
      { name: volume.name, readOnly: true, mountPath },
    ]);
    assert.equal(pod.spec['containers'][1].volumeMounts.length, 1);
    assert.deepEqual(pod.spec['imagePullSecrets'], [{ name: 'reg' }]);
    assert.equal(pod.spec['serviceAccount'], 's');
  });

  test('refuses pods of accounts that are not there, and mirror pods that name one', async () => {
    assert.equal(
      await run(plugin, { object: { metadata: { name: 'p' }, spec: { serviceAccountName: 'nobody' } } }),
      'pods "p" is forbidden: error looking up service account ns/nobody: serviceaccount "nobody" not found',
    );
    const mirror = {
      metadata: { name: 'm', annotations: { 'kubernetes.io/config.mirror': 'x' } },
      spec: { serviceAccountName: 's' },
    };
    assert.equal(
      await run(plugin, { object: mirror }),
      'pods "m" is forbidden: a mirror pod may not reference service accounts',
    );
  });
});

describe('Priority', () => {
  const reader = new MemoryReader();
  const classes = 'priorityclasses.scheduling.k8s.io';
  reader.put(classes, { metadata: { name: 'high' }, value: 1000, preemptionPolicy: 'Never' });
  const plugin = new Priority(reader);

  test('resolves the class and refuses other numbers', async () => {
    const pod = { metadata: { name: 'p' }, spec: { priorityClassName: 'high' } as Record<string, unknown> };
    assert.equal(await run(plugin, { object: pod }), '');
    assert.deepEqual(pod.spec, { priorityClassName: 'high', priority: 1000, preemptionPolicy: 'Never' });
    assert.equal(
      await run(plugin, {
        object: { metadata: { name: 'p' }, spec: { priorityClassName: 'high', priority: 7 } },
      }),
      'pods "p" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name',
    );
    assert.equal(
      await run(plugin, { object: { metadata: { name: 'p' }, spec: { priorityClassName: 'none' } } }),
      'pods "p" is forbidden: no PriorityClass with name none was found',
    );
  });

  test('gives 0 without a class, and the default class where there is one', async () => {
    const plain = { metadata: { name: 'p' }, spec: {} as Record<string, unknown> };
    await run(plugin, { object: plain });
    assert.deepEqual(plain.spec, { priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
    reader.put(classes, { metadata: { name: 'usual' }, value: 5, globalDefault: true });
    const next = { metadata: { name: 'p' }, spec: {} as Record<string, unknown> };
    await run(plugin, { object: next });
    assert.deepEqual(next.spec, { priorityClassName: 'usual', priority: 5 });
    const second = { metadata: { name: 'other' }, value: 6, globalDefault: true };
    assert.equal(
      await run(plugin, { resource: classes, kind: 'PriorityClass', object: second }),
      'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
    );
  });
});

test('DefaultTolerationSeconds adds what is not tolerated yet', async () => {
  const own = {
    key: 'node.kubernetes.io/not-ready',
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 5,
  };
  const pod = { metadata: { name: 'p' }, spec: { tolerations: [own] } };
  await run(defaultTolerationSeconds(), { object: pod });
  assert.deepEqual(pod.spec.tolerations, [
    own,
    {
      key: 'node.kubernetes.io/unreachable',
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    },
  ]);
  const all = { metadata: { name: 'p' }, spec: { tolerations: [{ operator: 'Exists' }] } };
  await run(defaultTolerationSeconds(), { object: all });
  assert.equal(all.spec.tolerations.length, 1);
});

test('TaintNodesByCondition taints new nodes once', async () => {
  const node: { metadata: object; spec?: { taints: unknown[] } } = { metadata: { name: 'n' } };
  await run(taintNodesByCondition, { resource: 'nodes', object: node });
  await run(taintNodesByCondition, { resource: 'nodes', object: node });
  assert.deepEqual(node.spec?.taints, [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
});
