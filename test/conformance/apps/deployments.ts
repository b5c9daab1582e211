import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../e2e/support/cluster.ts';
import { idle, pod } from '../../e2e/support/objects.ts';
import { toolImage } from '../../e2e/support/tool-image.ts';
import { strategicPatch } from '../support/api.ts';
import type { Suite } from '../support/suite.ts';
import { checkScale, checkStatusEndpoints } from './status-endpoints.ts';
import { condition, query, workload } from './workloads.ts';

const revision = 'deployment.kubernetes.io/revision';
const missing = 'coxswain.example/absent:1';

export function deployments({ api, namespace }: Suite): void {
  const base = async (): Promise<string> => `/apis/apps/v1/namespaces/${await namespace('deployment')}`;
  const complete = (path: string, replicas: number): Promise<any> =>
    api.until(
      `${path} is complete`,
      path,
      ({ metadata, spec, status }) =>
        status.observedGeneration >= metadata.generation &&
        spec.replicas === replicas &&
        status.updatedReplicas === replicas &&
        status.replicas === replicas &&
        status.availableReplicas === replicas,
    );
  const image = (template: any): string => template.spec.containers[0].image;
  const setImage = (name: string) => (object: any) => {
    object.spec.template.spec.containers[0].image = name;
  };

  test('Deployment RollingUpdateDeployment should delete old pods and create new ones', async () => {
    const path = await base();
    const labels = { name: 'sample-pod', pod: 'tool' };
    const adopted = workload('ReplicaSet', 'test-rolling-update-controller', { replicas: 1 }, {}, labels);
    adopted.metadata.annotations = { [revision]: '3546343826724305832' };
    await api.create(`${path}/replicasets`, adopted);
    await api.until(
      'the adopted set runs',
      `${path}/replicasets/test-rolling-update-controller`,
      ({ status }) => status.readyReplicas === 1,
    );
    const parts = { image: toolImage(2) };
    await api.create(
      `${path}/deployments`,
      workload('Deployment', 'test-rolling-update-deployment', { replicas: 1 }, parts, labels),
    );
    const done = await complete(`${path}/deployments/test-rolling-update-deployment`, 1);
    assert.equal(done.metadata.annotations[revision], '3546343826724305833');
    const { items } = await api.get(`${path}/replicasets`);
    assert.equal(items.length, 2);
    const old = items.find(({ metadata }: any) => metadata.name === 'test-rolling-update-controller');
    assert.equal(old.spec.replicas, 0);
    assert.equal(old.metadata.ownerReferences[0].name, 'test-rolling-update-deployment');
  });

  test('Deployment RecreateDeployment should delete old pods and create new ones', async () => {
    const path = await base();
    const deployment = `${path}/deployments/test-recreate`;
    await api.create(
      `${path}/deployments`,
      workload('Deployment', 'test-recreate', { replicas: 1, strategy: { type: 'Recreate' } }),
    );
    await complete(deployment, 1);
    const log = await api.watch(path.replace('/apis/apps/v1', '/api/v1').concat('/pods'));
    const seen = await log.next('the old pod', ({ type }) => type === 'ADDED');
    await api.change(deployment, setImage(toolImage(2)));
    await complete(deployment, 1);
    // The old pod has ended before the new one is made.
    const made = await log.next('the new pod', ({ type }) => type === 'ADDED');
    const oldVersions = log.events.filter(({ object }) => object.metadata.uid === seen.object.metadata.uid);
    const last = log.events.indexOf(oldVersions.at(-1) as any);
    const ended = oldVersions.at(-1)?.object.status.phase;
    assert.ok(last < log.events.indexOf(made) || ['Succeeded', 'Failed'].includes(ended));
    log.close();
  });

  test('Deployment deployment should delete old replica sets', async () => {
    const path = await base();
    const labels = { name: 'cleanup-pod', pod: 'tool' };
    await api.create(
      `${path}/replicasets`,
      workload('ReplicaSet', 'test-cleanup-controller', { replicas: 1 }, {}, labels),
    );
    await api.until(
      'the old set runs',
      `${path}/replicasets/test-cleanup-controller`,
      ({ status }) => status.readyReplicas === 1,
    );
    await api.create(
      `${path}/deployments`,
      workload(
        'Deployment',
        'test-cleanup',
        { replicas: 1, revisionHistoryLimit: 0 },
        { image: toolImage(2) },
        labels,
      ),
    );
    await api.until(
      'only the new set is left',
      `${path}/replicasets`,
      ({ items }) => items.length === 1 && image(items[0].spec.template) === toolImage(2),
    );
  });

  test('Deployment deployment should support rollover', async () => {
    const path = await base();
    const labels = { name: 'rollover-pod', pod: 'tool' };
    await api.create(
      `${path}/replicasets`,
      workload('ReplicaSet', 'test-rollover-controller', { replicas: 1 }, {}, labels),
    );
    await api.until(
      'the old set runs',
      `${path}/replicasets/test-rollover-controller`,
      ({ status }) => status.readyReplicas === 1,
    );
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
    const parts = { image: missing, imagePullPolicy: 'Never' };
    const deployment = `${path}/deployments/test-rollover`;
    await api.create(
      `${path}/deployments`,
      workload('Deployment', 'test-rollover', { replicas: 1, minReadySeconds: 3, strategy }, parts, labels),
    );
    await api.until('the stuck rollout has begun', deployment, ({ status }) => status.updatedReplicas === 1);
    await api.change(deployment, setImage(toolImage(2)));
    const done = await complete(deployment, 1);
    assert.equal(image(done.spec.template), toolImage(2));
    await api.until('old sets are empty', `${path}/replicasets`, ({ items }) =>
      items.every((set: any) => image(set.spec.template) === toolImage(2) || set.status.replicas === 0),
    );
  });

  test('Deployment deployment should support proportional scaling', async () => {
    const path = await base();
    const deployment = `${path}/deployments/webserver`;
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } };
    await api.create(`${path}/deployments`, workload('Deployment', 'webserver', { replicas: 10, strategy }));
    await complete(deployment, 10);
    await api.change(deployment, (object) => {
      setImage(missing)(object);
      object.spec.template.spec.containers[0].imagePullPolicy = 'Never';
    });
    const sets = async (): Promise<{ first: any; second: any }> => {
      const { items } = await api.get(`${path}/replicasets`);
      const second = items.find((set: any) => image(set.spec.template) === missing);
      return { first: items.find((set: any) => set !== second), second };
    };
    await eventually('the rollout is stuck at its bounds', async () => {
      const { first, second } = await sets();
      return first.spec.replicas === 8 && first.status.availableReplicas === 8 && second?.spec.replicas === 5;
    });
    await api.until(
      'its progress is seen',
      deployment,
      ({ metadata, status }) => status.observedGeneration >= metadata.generation && status.replicas === 13,
    );
    await api.change(deployment, (object) => {
      object.spec.replicas = 30;
    });
    await eventually('both sets grow in proportion', async () => {
      const { first, second } = await sets();
      return first.spec.replicas === 20 && second.spec.replicas === 13;
    });
    await api.delete(deployment, { propagationPolicy: 'Background' });
  });

  test('Deployment Deployment should have a working scale subresource', async () => {
    const path = await base();
    await api.create(`${path}/deployments`, workload('Deployment', 'test-new-deployment', { replicas: 1 }));
    await complete(`${path}/deployments/test-new-deployment`, 1);
    await checkScale(api, `${path}/deployments/test-new-deployment`);
  });

  test('Deployment should validate Deployment Status endpoints', async () => {
    const path = await base();
    await api.create(`${path}/deployments`, workload('Deployment', 'test-deployment', { replicas: 1 }));
    await complete(`${path}/deployments/test-deployment`, 1);
    await checkStatusEndpoints(api, `${path}/deployments`, 'test-deployment');
  });

  test('Deployment should run the lifecycle of a Deployment', async () => {
    const path = await base();
    const labels = { 'test-deployment-static': 'true' };
    const all = `${path}/deployments`;
    const one = `${all}/test-deployment`;
    const log = await api.watch(all, { labelSelector: 'test-deployment-static=true' });
    const next = (what: string, check: (object: any) => boolean): Promise<any> =>
      log.next(what, ({ object }) => check(object));
    await api.create(all, workload('Deployment', 'test-deployment', { replicas: 1 }, {}, labels));
    await log.next('ADDED', ({ type }) => type === 'ADDED');
    await next('one is ready', ({ status }) => status.readyReplicas === 1);
    await api.patch(
      one,
      {
        metadata: { labels: { 'test-deployment': 'patched' } },
        spec: { replicas: 2, template: { spec: { terminationGracePeriodSeconds: 0 } } },
      },
      strategicPatch,
    );
    await next(
      'two are ready',
      ({ status, metadata }) =>
        metadata.labels['test-deployment'] === 'patched' && status.readyReplicas === 2,
    );
    const everywhere = await api.get(`/apis/apps/v1/deployments?${query(labels)}`);
    assert.ok(everywhere.items.some(({ metadata }: any) => metadata.name === 'test-deployment'));
    await api.patch(`${one}/status`, {
      metadata: { labels: { 'test-deployment': 'updated' } },
      status: { availableReplicas: 0 },
    });
    await next('none is said to be available', ({ status }) => !status.availableReplicas);
    await next('the controller knows better', ({ status }) => status.availableReplicas === 2);
    await api.change(one, (object) => {
      object.metadata.labels['test-deployment'] = 'updated';
      object.spec.template.spec.containers[0].image = toolImage(2);
    });
    await next(
      'the update is rolled out',
      ({ status, metadata }) =>
        status.observedGeneration === metadata.generation &&
        status.updatedReplicas === 2 &&
        status.readyReplicas === 2,
    );
    assert.equal(condition(await api.get(`${one}/status`), 'Available').status, 'True');
    await api.delete(`${all}?${query(labels)}`);
    await log.next('DELETED', ({ type }) => type === 'DELETED');
    log.close();
    await api.create(path.replace('/apis/apps/v1', '/api/v1').concat('/pods'), pod('still-works', idle));
  });
}
