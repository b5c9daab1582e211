import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idle, pod, service } from '../../e2e/support/objects.ts';
import { mergePatch } from '../support/api.ts';
import type { Suite } from '../support/suite.ts';
import { replicationController } from './garbage-collector.ts';

const quota = (name: string, hard: Record<string, string>, scopes?: readonly string[]): object => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name },
  spec: { hard, ...(scopes === undefined ? {} : { scopes }) },
});

const sized = (name: string, cpu: string, memory: string, spec: object = {}): object =>
  pod(name, { ...idle, resources: { requests: { cpu, memory }, limits: { cpu: '1', memory: '1Gi' } } }, spec);

export function resourceQuota({ api, namespace }: Suite): void {
  /** Waits until the quota's status counts so. */
  const used = async (path: string, expected: Record<string, string>): Promise<void> => {
    await api.until(`usage ${JSON.stringify(expected)}`, path, ({ status }) =>
      Object.entries(expected).every(([key, value]) => status.used?.[key] === value),
    );
  };
  const setUp = async (hard: Record<string, string>): Promise<{ base: string; path: string }> => {
    const base = `/api/v1/namespaces/${await namespace('resourcequota')}`;
    await api.create(`${base}/resourcequotas`, quota('test-quota', hard));
    return { base, path: `${base}/resourcequotas/test-quota` };
  };

  test('ResourceQuota should create a ResourceQuota and ensure its status is promptly calculated.', async () => {
    const { path } = await setUp({ pods: '5', cpu: '1', memory: '500Mi', resourcequotas: '1' });
    await used(path, { pods: '0', cpu: '0', memory: '0', resourcequotas: '1' });
  });

  test('ResourceQuota should create a ResourceQuota and capture the life of a service.', async () => {
    const { base, path } = await setUp({
      services: '10',
      'services.nodeports': '1',
      'services.loadbalancers': '1',
    });
    await used(path, { services: '0' });
    await api.create(`${base}/services`, service('cluster-ip'));
    await api.create(`${base}/services`, service('node-port', { type: 'NodePort' }));
    const refused = await api.call('POST', `${base}/services`, service('balanced', { type: 'LoadBalancer' }));
    assert.equal(refused.status, 403);
    assert.match(refused.body.message, /exceeded quota: test-quota, requested: services.nodeports=1/);
    await used(path, { services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' });
    await api.delete(`${base}/services/cluster-ip`);
    await api.delete(`${base}/services/node-port`);
    await used(path, { services: '0', 'services.nodeports': '0', 'services.loadbalancers': '0' });
  });

  test('ResourceQuota should create a ResourceQuota and capture the life of a secret.', async () => {
    const { base, path } = await setUp({ secrets: '10' });
    await used(path, { secrets: '0' });
    await api.create(`${base}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'counted' },
      data: { 'data-1': Buffer.from('value-1\n').toString('base64') },
    });
    await used(path, { secrets: '1' });
    await api.delete(`${base}/secrets/counted`);
    await used(path, { secrets: '0' });
  });

  test('ResourceQuota should create a ResourceQuota and capture the life of a configMap.', async () => {
    const { base, path } = await setUp({ configmaps: '10' });
    await used(path, { configmaps: '1' });
    await api.create(`${base}/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'counted' },
    });
    await used(path, { configmaps: '2' });
    await api.delete(`${base}/configmaps/counted`);
    await used(path, { configmaps: '1' });
  });

  test('ResourceQuota should create a ResourceQuota and capture the life of a replication controller.', async () => {
    const { base, path } = await setUp({ replicationcontrollers: '10' });
    await used(path, { replicationcontrollers: '0' });
    await api.create(`${base}/replicationcontrollers`, replicationController('counted', 0));
    await used(path, { replicationcontrollers: '1' });
    await api.delete(`${base}/replicationcontrollers/counted`, { propagationPolicy: 'Orphan' });
    await used(path, { replicationcontrollers: '0' });
  });

  test('ResourceQuota should create a ResourceQuota and capture the life of a replica set.', async () => {
    const { base, path } = await setUp({ 'count/replicasets.apps': '5' });
    const sets = `/apis/apps/v1${base.slice('/api/v1'.length)}/replicasets`;
    await used(path, { 'count/replicasets.apps': '0' });
    const set = replicationController('counted', 0) as any;
    await api.create(sets, {
      ...set,
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      spec: { ...set.spec, selector: { matchLabels: set.spec.selector } },
    });
    await used(path, { 'count/replicasets.apps': '1' });
    await api.delete(`${sets}/counted`);
    await used(path, { 'count/replicasets.apps': '0' });
  });

  test('ResourceQuota should create a ResourceQuota and capture the life of a pod.', async () => {
    const { base, path } = await setUp({ pods: '5', cpu: '1', memory: '500Mi' });
    await used(path, { pods: '0' });
    await api.create(`${base}/pods`, sized('counted', '500m', '252Mi'));
    await used(path, { pods: '1', cpu: '500m', memory: '252Mi' });
    const second = await api.call('POST', `${base}/pods`, sized('too-much', '600m', '100Mi'));
    assert.equal(second.status, 403);
    assert.match(
      second.body.message,
      /exceeded quota: test-quota, requested: cpu=600m, used: cpu=500m, limited: cpu=1/,
    );
    await api.patch(`${base}/pods/counted`, { metadata: { labels: { 'for-update': 'yes' } } });
    await used(path, { pods: '1', cpu: '500m', memory: '252Mi' });
    await api.delete(`${base}/pods/counted`, { gracePeriodSeconds: 0 });
    await used(path, { pods: '0', cpu: '0', memory: '0' });
  });

  test('ResourceQuota should be able to update and delete ResourceQuota.', async () => {
    const { path } = await setUp({ cpu: '1', memory: '500Mi' });
    assert.equal((await api.get(path)).spec.hard.cpu, '1');
    const updated = await api.change(path, (object) => {
      object.spec.hard = { cpu: '2', memory: '1Gi' };
    });
    assert.deepEqual(updated.spec.hard, { cpu: '2', memory: '1Gi' });
    assert.equal((await api.get(path)).spec.hard.memory, '1Gi');
    await api.delete(path);
    await api.gone(path);
  });

  test('ResourceQuota should manage the lifecycle of a ResourceQuota', async () => {
    const base = `/api/v1/namespaces/${await namespace('resourcequota')}/resourcequotas`;
    const labelled = quota('life', { cpu: '1', memory: '500Mi' }) as any;
    labelled.metadata.labels = { 'e2e-rq': 'life' };
    await api.create(base, labelled);
    const all = await api.get('/api/v1/resourcequotas?labelSelector=e2e-rq%3Dlife');
    assert.equal(all.items.length, 1);
    const patched = await api.patch(`${base}/life`, {
      metadata: { labels: { patched: 'true' } },
      spec: { hard: { memory: '750Mi' } },
    });
    assert.equal(patched.metadata.labels.patched, 'true');
    assert.equal(patched.spec.hard.memory, '750Mi');
    await api.call('DELETE', `${base}?labelSelector=e2e-rq%3Dlife`);
    assert.equal((await api.get('/api/v1/resourcequotas?labelSelector=e2e-rq%3Dlife')).items.length, 0);
  });

  test('ResourceQuota should apply changes to a resourcequota status', async () => {
    const { path } = await setUp({ cpu: '500m', memory: '500Mi' });
    await used(path, { cpu: '0', memory: '0' });
    const log = await api.watch(path.replace(/\/test-quota$/, ''));
    await api.change(`${path}/status`, (object) => {
      object.status.hard = { ...object.status.hard, cpu: '1', memory: '1Gi' };
    });
    await log.next('the status was updated', ({ object }) => object.status?.hard?.cpu === '1');
    // The controller puts its own count in place again.
    await log.next('the status was reset', ({ object }) => object.status?.hard?.cpu === '500m');
    const patched = await api.patch(
      `${path}/status`,
      { status: { hard: { cpu: '250m', memory: '250Mi' } } },
      mergePatch,
    );
    assert.equal(patched.status.hard.memory, '250Mi');
    assert.equal((await api.get(`${path}/status`)).spec.hard.cpu, '500m');
    await log.next('reset again', ({ object }) => object.status?.hard?.memory === '500Mi');
    log.close();
  });

  test('ResourceQuota should verify ResourceQuota with terminating scopes.', async () => {
    const base = `/api/v1/namespaces/${await namespace('scopes')}`;
    const hard = { pods: '5', 'requests.cpu': '1', 'requests.memory': '500Mi' };
    await api.create(`${base}/resourcequotas`, quota('terminating', hard, ['Terminating']));
    await api.create(`${base}/resourcequotas`, quota('lasting', hard, ['NotTerminating']));
    const terminating = `${base}/resourcequotas/terminating`;
    const lasting = `${base}/resourcequotas/lasting`;
    await used(terminating, { pods: '0' });
    await used(lasting, { pods: '0' });
    await api.create(`${base}/pods`, sized('long', '500m', '200Mi'));
    await used(lasting, { pods: '1', 'requests.cpu': '500m', 'requests.memory': '200Mi' });
    await used(terminating, { pods: '0', 'requests.cpu': '0' });
    await api.delete(`${base}/pods/long`, { gracePeriodSeconds: 0 });
    await used(lasting, { pods: '0' });
    await api.create(`${base}/pods`, sized('short', '500m', '200Mi', { activeDeadlineSeconds: 3600 }));
    await used(terminating, { pods: '1', 'requests.cpu': '500m' });
    await used(lasting, { pods: '0', 'requests.cpu': '0' });
    await api.delete(`${base}/pods/short`, { gracePeriodSeconds: 0 });
    await used(terminating, { pods: '0' });
  });

  test('ResourceQuota should verify ResourceQuota with best effort scope.', async () => {
    const base = `/api/v1/namespaces/${await namespace('scopes')}`;
    await api.create(`${base}/resourcequotas`, quota('best', { pods: '5' }, ['BestEffort']));
    await api.create(`${base}/resourcequotas`, quota('other', { pods: '5' }, ['NotBestEffort']));
    const best = `${base}/resourcequotas/best`;
    const other = `${base}/resourcequotas/other`;
    await used(best, { pods: '0' });
    await used(other, { pods: '0' });
    await api.create(`${base}/pods`, pod('effort', idle));
    await used(best, { pods: '1' });
    await used(other, { pods: '0' });
    await api.delete(`${base}/pods/effort`, { gracePeriodSeconds: 0 });
    await used(best, { pods: '0' });
    await api.create(`${base}/pods`, sized('sized', '500m', '200Mi'));
    await used(other, { pods: '1' });
    await used(best, { pods: '0' });
    await api.delete(`${base}/pods/sized`, { gracePeriodSeconds: 0 });
    await used(other, { pods: '0' });
  });
}
