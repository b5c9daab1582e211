import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../e2e/support/cluster.ts';
import { container, idle, pod } from '../../e2e/support/objects.ts';
import { toolImage } from '../../e2e/support/tool-image.ts';
import { replicationController } from '../api-machinery/garbage-collector.ts';
import { strategicPatch } from '../support/api.ts';
import type { Suite } from '../support/suite.ts';
import { checkScale, checkStatusEndpoints } from './status-endpoints.ts';
import { condition, query, workload } from './workloads.ts';

const serving = { command: ['perl', '/srv/web.pl'] };

export function replicaSets({ api, namespace }: Suite): void {
  const setUp = async (): Promise<{ sets: string; controllers: string; pods: string }> => {
    const ns = await namespace('replicaset');
    return {
      sets: `/apis/apps/v1/namespaces/${ns}/replicasets`,
      controllers: `/api/v1/namespaces/${ns}/replicationcontrollers`,
      pods: `/api/v1/namespaces/${ns}/pods`,
    };
  };
  const ready = (path: string, count: number): Promise<any> =>
    api.until(`${count} of ${path} are ready`, path, ({ status }) => (status.readyReplicas ?? 0) === count);

  /** Every pod answers through the API server with its own name. */
  const allServe = async (pods: string): Promise<void> => {
    const { items } = await api.get(pods);
    for (const { metadata } of items) {
      await eventually(`${metadata.name} answers`, async () => {
        const answer = await api.call('GET', `${pods}/${metadata.name}:8080/proxy/`);
        return answer.status === 200 && answer.text.includes(metadata.name);
      });
    }
  };

  /** A pod with matching labels is adopted, and released when its labels change. */
  const ownedBy = (pods: string, name: string, owner: string | undefined): Promise<any> =>
    api.until(`${name} belongs to ${owner ?? 'nobody'}`, `${pods}/${name}`, ({ metadata }) => {
      const found = metadata.ownerReferences?.find(({ controller }: any) => controller);
      return owner === undefined ? found === undefined : found?.name === owner;
    });

  test('ReplicaSet should serve a basic image on each replica with a public image', async () => {
    const { sets, pods } = await setUp();
    await api.create(sets, workload('ReplicaSet', 'my-hostname-basic', { replicas: 1 }, serving));
    await ready(`${sets}/my-hostname-basic`, 1);
    await allServe(pods);
  });

  test('ReplicationController should serve a basic image on each replica with a public image', async () => {
    const { controllers, pods } = await setUp();
    const controller = replicationController('my-hostname-basic', 1) as any;
    controller.spec.template.spec.containers = [container()];
    await api.create(controllers, controller);
    await ready(`${controllers}/my-hostname-basic`, 1);
    await allServe(pods);
  });

  test('ReplicaSet should adopt matching pods on creation and release no longer matching pods', async () => {
    const { sets, pods } = await setUp();
    const name = 'pod-adoption-release';
    await api.create(pods, { ...pod(name, idle), metadata: { name, labels: { name } } });
    await api.until('it runs', `${pods}/${name}`, ({ status }) => status.phase === 'Running');
    await api.create(sets, workload('ReplicaSet', name, { replicas: 1 }));
    await ownedBy(pods, name, name);
    assert.equal((await api.get(pods)).items.length, 1);
    await api.patch(`${pods}/${name}`, { metadata: { labels: { name: 'not-matching-name' } } });
    await ownedBy(pods, name, undefined);
  });

  test('ReplicationController should adopt matching pods on creation', async () => {
    const { controllers, pods } = await setUp();
    await api.create(pods, pod('pod-adoption', idle));
    await api.create(controllers, replicationController('pod-adoption', 1));
    await ownedBy(pods, 'pod-adoption', 'pod-adoption');
  });

  test('ReplicationController should release no longer matching pods', async () => {
    const { controllers, pods } = await setUp();
    await api.create(controllers, replicationController('pod-release', 1));
    const { items } = await api.until('its pod', pods, (list) => list.items.length === 1);
    const { name } = items[0].metadata;
    await api.patch(`${pods}/${name}`, { metadata: { labels: { app: 'not-matching' } } });
    await ownedBy(pods, name, undefined);
  });

  test('ReplicationController should surface a failure condition on a common issue like exceeded quota', async () => {
    const { controllers, pods } = await setUp();
    await api.create(pods.replace(/pods$/, 'resourcequotas'), {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'condition-test' },
      spec: { hard: { pods: '2' } },
    });
    await api.create(controllers, replicationController('condition-test', 3));
    const failed = await api.until('a failure', `${controllers}/condition-test`, (rc) =>
      condition(rc, 'ReplicaFailure'),
    );
    assert.equal(condition(failed, 'ReplicaFailure').reason, 'FailedCreate');
    await api.change(`${controllers}/condition-test`, (rc) => {
      rc.spec.replicas = 2;
    });
    await api.until('no failure', `${controllers}/condition-test`, (rc) => !condition(rc, 'ReplicaFailure'));
  });

  test('ReplicaSet Replicaset should have a working scale subresource', async () => {
    const { sets } = await setUp();
    await api.create(sets, workload('ReplicaSet', 'test-rs', { replicas: 1 }));
    await ready(`${sets}/test-rs`, 1);
    await checkScale(api, `${sets}/test-rs`);
  });

  test('ReplicationController should get and update a ReplicationController scale', async () => {
    const { controllers } = await setUp();
    await api.create(controllers, replicationController('e2e-rc', 1));
    await ready(`${controllers}/e2e-rc`, 1);
    const scale = await api.get(`${controllers}/e2e-rc/scale`);
    assert.equal(scale.status.replicas, 1);
    await api.change(`${controllers}/e2e-rc/scale`, (object) => {
      object.spec.replicas = 2;
    });
    await ready(`${controllers}/e2e-rc`, 2);
  });

  test('ReplicaSet Replace and Patch tests', async () => {
    const { sets, pods } = await setUp();
    await api.create(sets, workload('ReplicaSet', 'test-rs', { replicas: 1 }));
    await ready(`${sets}/test-rs`, 1);
    await api.change(`${sets}/test-rs/scale`, (object) => {
      object.spec.replicas = 2;
    });
    await ready(`${sets}/test-rs`, 2);
    const patch = {
      metadata: { labels: { 'test-rs': 'patched' } },
      spec: {
        replicas: 3,
        template: {
          spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: toolImage(2) }] },
        },
      },
    };
    const patched = await api.patch(`${sets}/test-rs`, patch, strategicPatch);
    assert.equal(patched.metadata.labels['test-rs'], 'patched');
    await ready(`${sets}/test-rs`, 3);
    const { items } = await api.get(pods);
    assert.equal(items.filter(({ spec }: any) => spec.containers[0].image === toolImage(2)).length, 1);
  });

  test('ReplicaSet should list and delete a collection of ReplicaSets', async () => {
    const { sets } = await setUp();
    const labels = { name: 'sample-pod', pod: 'tool', e2e: 'collection' };
    await api.create(sets, workload('ReplicaSet', 'test-rs', { replicas: 3 }, {}, labels));
    await ready(`${sets}/test-rs`, 3);
    assert.equal((await api.get(`/apis/apps/v1/replicasets?${query(labels)}`)).items.length, 1);
    await api.delete(`${sets}?${query(labels)}`, { gracePeriodSeconds: 0 });
    await api.until('none', sets, ({ items }) => items.length === 0);
  });

  test('ReplicaSet should validate Replicaset Status endpoints', async () => {
    const { sets } = await setUp();
    await api.create(sets, workload('ReplicaSet', 'test-rs', { replicas: 1 }));
    await ready(`${sets}/test-rs`, 1);
    await checkStatusEndpoints(api, sets, 'test-rs');
  });

  test('ReplicationController should test the lifecycle of a ReplicationController', async () => {
    const { controllers } = await setUp();
    const one = `${controllers}/rc-test`;
    const log = await api.watch(controllers, { labelSelector: 'test-rc-static=true' });
    const next = (what: string, check: (object: any) => boolean): Promise<any> =>
      log.next(what, ({ object }) => check(object));
    const made = replicationController('rc-test', 1) as any;
    made.metadata.labels = { 'test-rc-static': 'true' };
    await api.create(controllers, made);
    await log.next('ADDED', ({ type }) => type === 'ADDED');
    await next('one is ready', ({ status }) => status.readyReplicas === 1);
    await api.patch(one, { metadata: { labels: { 'test-rc': 'patched' } } }, strategicPatch);
    await next('the label', ({ metadata }) => metadata.labels['test-rc'] === 'patched');
    await api.patch(`${one}/status`, { status: { availableReplicas: 0 } }, strategicPatch);
    await next('the status', ({ status }) => !status.availableReplicas);
    await next('the controller knows better', ({ status }) => status.availableReplicas === 1);
    assert.equal((await api.get(`${one}/status`)).metadata.name, 'rc-test');
    await api.patch(`${one}/scale`, { spec: { replicas: 2 } }, strategicPatch);
    await next('two are ready', ({ status }) => status.availableReplicas === 2);
    await api.change(one, (object) => {
      object.metadata.labels['test-rc'] = 'updated';
    });
    const all = await api.get(`/api/v1/replicationcontrollers?${query({ 'test-rc-static': 'true' })}`);
    assert.ok(all.items.some(({ metadata }: any) => metadata.labels['test-rc'] === 'updated'));
    await api.delete(`${controllers}?${query({ 'test-rc-static': 'true' })}`);
    await log.next('DELETED', ({ type }) => type === 'DELETED');
    log.close();
  });
}
