import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idle, pod, service } from '../../e2e/support/objects.ts';
import { mergePatch, strategicPatch } from '../support/api.ts';
import type { Suite } from '../support/suite.ts';

const all = '/api/v1/namespaces';

export function namespaces({ api, namespace }: Suite): void {
  test('Namespaces [Serial] should ensure that all pods are removed when a namespace is deleted', async () => {
    const ns = await namespace('nsdeletetest');
    const path = `${all}/${ns}`;
    await api.create(`${path}/pods`, pod('test-pod', idle));
    await api.until('the pod runs', `${path}/pods/test-pod`, ({ status }) => status.phase === 'Running');
    await api.delete(path);
    await api.gone(path);
    await api.create(all, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ns } });
    assert.equal((await api.call('GET', `${path}/pods/test-pod`)).status, 404);
    assert.deepEqual((await api.get(`${path}/pods`)).items, []);
  });

  test('Namespaces [Serial] should ensure that all services are removed when a namespace is deleted', async () => {
    const ns = await namespace('nsdeletetest');
    const path = `${all}/${ns}`;
    await api.create(`${path}/services`, service('test-service'));
    await api.delete(path);
    await api.gone(path);
    await api.create(all, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ns } });
    assert.equal((await api.call('GET', `${path}/services/test-service`)).status, 404);
  });

  test('Namespaces [Serial] should patch a Namespace', async () => {
    const path = `${all}/${await namespace('nspatchtest')}`;
    await api.patch(path, { metadata: { labels: { testLabel: 'testValue' } } }, strategicPatch);
    assert.equal((await api.get(path)).metadata.labels.testLabel, 'testValue');
  });

  test('Namespaces [Serial] should apply an update to a Namespace', async () => {
    const path = `${all}/${await namespace('update')}`;
    await api.change(path, (object) => {
      object.metadata.labels.updated = 'yes';
    });
    assert.equal((await api.get(path)).metadata.labels.updated, 'yes');
  });

  test('Namespaces [Serial] should apply changes to a namespace status', async () => {
    const path = `${all}/${await namespace('status')}`;
    assert.equal((await api.get(`${path}/status`)).status.phase, 'Active');
    const condition = { type: 'StatusPatch', status: 'True', reason: 'E2E', message: 'Patched by the test' };
    const patched = await api.patch(
      `${path}/status`,
      { metadata: { annotations: { 'e2e-patched-ns-status': 'yes' } }, status: { conditions: [condition] } },
      mergePatch,
    );
    assert.equal(patched.metadata.annotations['e2e-patched-ns-status'], 'yes');
    assert.equal(patched.status.conditions[0].reason, 'E2E');
    const updated = await api.change(`${path}/status`, (object) => {
      object.status.conditions = [
        ...object.status.conditions,
        { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Updated by the test' },
      ];
    });
    assert.deepEqual(
      updated.status.conditions.map(({ type }: any) => type),
      ['StatusPatch', 'StatusUpdate'],
    );
    assert.equal(updated.status.phase, 'Active');
  });

  test('Namespaces [Serial] should apply a finalizer to a Namespace', async () => {
    const path = `${all}/${await namespace('finalizer')}`;
    const finalizer = 'e2e.example.com/fakeFinalizer';
    const read = await api.get(path);
    read.spec.finalizers.push(finalizer);
    const updated = await api.update(`${path}/finalize`, read);
    assert.ok(updated.spec.finalizers.includes(finalizer));
    const again = await api.get(path);
    again.spec.finalizers = again.spec.finalizers.filter((name: string) => name !== finalizer);
    const removed = await api.update(`${path}/finalize`, again);
    assert.deepEqual(removed.spec.finalizers, ['kubernetes']);
  });

  test('OrderedNamespaceDeletion namespace deletion should delete pod first', async () => {
    const ns = await namespace('ordered');
    const path = `${all}/${ns}`;
    const finalizer = 'e2e.example.com/finalizer';
    const held = (object: any): any => {
      object.metadata.finalizers = [finalizer];
      return object;
    };
    await api.create(`${path}/pods`, held(pod('test-pod', idle)));
    await api.create(`${path}/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'test-configmap' },
    });
    await api.until('the pod runs', `${path}/pods/test-pod`, ({ status }) => status.phase === 'Running');
    await api.delete(path);
    const blocked = await api.until('pods hold the namespace', path, ({ status }) =>
      status.conditions?.some((c: any) => c.type === 'NamespaceContentRemaining' && c.status === 'True'),
    );
    const failing = blocked.status.conditions.find((c: any) => c.type === 'NamespaceContentRemaining');
    assert.match(failing.message, /pods. has 1 resource instances/);
    assert.equal((await api.get(`${path}/configmaps/test-configmap`)).metadata.deletionTimestamp, undefined);
    await api.change(`${path}/pods/test-pod`, (object) => {
      object.metadata.finalizers = [];
    });
    await api.gone(`${path}/configmaps/test-configmap`);
    await api.gone(path);
  });
}
