import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { type KubeObject, VirtualClock } from '@coxswain/machinery';
import { PkiDir } from '@coxswain/pki';
import { MemoryReader } from '../access/memory-reader.ts';
import { bootstrapClusterRoleRules, bootstrapObjects } from './objects.ts';
import { type BootstrapPlan, planBootstrap } from './plan-bootstrap.ts';
import { reconcile } from './reconcile-policy.ts';

const dir = mkdtempSync(join(tmpdir(), 'coxswain-bootstrap-'));
after(() => rmSync(dir, { recursive: true }));
const clock = new VirtualClock(Date.UTC(2026, 0, 2));
const pki = new PkiDir(dir, clock);
const [clientCa, newCa] = ['one', 'two'].map((name) => pki.authority(name, name).certificate) as [
  string,
  string,
];
const options = { now: clock.now(), clientCa };

function apply(reader: MemoryReader, plan: BootstrapPlan): void {
  for (const { group, resource, object } of [...plan.create, ...plan.update]) {
    reader.put(group === '' ? resource : `${resource}.${group}`, object);
  }
}

describe('planBootstrap()', () => {
  test('creates everything once, namespaces first', () => {
    const reader = new MemoryReader();
    const plan = planBootstrap(reader, options);
    assert.equal(plan.create.length, bootstrapObjects().length + 2);
    assert.deepEqual([...new Set(plan.create.slice(0, 4).map((item) => item.resource))], ['namespaces']);
    apply(reader, plan);
    const configMaps = { group: '', resource: 'configmaps' };
    const config = reader.get(configMaps, 'kube-system', 'extension-apiserver-authentication');
    assert.deepEqual(config?.['data'], { 'client-ca-file': clientCa });
    assert.deepEqual(planBootstrap(reader, options), { create: [], update: [] });
  });

  test('gives back rules that were taken away, and follows the client CA', () => {
    const reader = new MemoryReader();
    apply(reader, planBootstrap(reader, options));
    const at = { group: 'rbac.authorization.k8s.io', resource: 'clusterroles' };
    const role = reader.get(at, '', 'system:discovery') as KubeObject;
    reader.put('clusterroles.rbac.authorization.k8s.io', { ...role, rules: [] });
    const plan = planBootstrap(reader, { ...options, clientCa: newCa });
    assert.deepEqual(
      plan.update.map((item) => item.object.metadata.name),
      ['system:discovery', 'extension-apiserver-authentication'],
    );
    apply(reader, plan);
    const trust = reader.get(
      { group: '', resource: 'configmaps' },
      'kube-system',
      'extension-apiserver-authentication',
    );
    // another server of the cluster may still go by the former one
    assert.deepEqual(trust?.['data'], { 'client-ca-file': clientCa + newCa });
    assert.deepEqual(
      new Set(reader.get(at, '', 'system:discovery')?.['rules'].flatMap((r: any) => r.nonResourceURLs)),
      new Set(role['rules'][0].nonResourceURLs),
    );
  });
});

describe('reconcile()', () => {
  const wanted = bootstrapObjects().find(({ object }) => object.metadata.name === 'system:basic-user')
    ?.object as KubeObject;

  test('keeps what an administrator has fixed', () => {
    const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
    const found = { ...wanted, metadata: { ...wanted.metadata, annotations }, rules: [] };
    assert.equal(reconcile(wanted, found), undefined);
  });

  test('gives a binding its role and keeps added subjects', () => {
    const binding = bootstrapObjects().find(({ object }) => object.kind === 'ClusterRoleBinding')
      ?.object as KubeObject;
    const added = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'root' };
    const found = { ...binding, roleRef: { ...binding['roleRef'], name: 'other' }, subjects: [added] };
    assert.deepEqual(reconcile(binding, found), { ...binding, subjects: [added, ...binding['subjects']] });
  });
});

test('bootstrapClusterRoleRules() gives the rules of kubelets', () => {
  assert.ok(bootstrapClusterRoleRules('system:node').length > 10);
});
