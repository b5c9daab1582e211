import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../e2e/support/cluster.ts';
import { toolImage } from '../../e2e/support/tool-image.ts';
import type { Suite } from '../support/suite.ts';
import { checkStatusEndpoints } from './status-endpoints.ts';
import { query, workload } from './workloads.ts';

const nodeLabel = 'daemonset-color';

/** Nodes' labels are changed, so these run one after the other. */
export function daemonSets({ api, namespace }: Suite): void {
  const setUp = async (): Promise<{ sets: string; pods: string; revisions: string }> => {
    const ns = await namespace('daemonsets');
    const apps = `/apis/apps/v1/namespaces/${ns}`;
    return {
      sets: `${apps}/daemonsets`,
      revisions: `${apps}/controllerrevisions`,
      pods: `/api/v1/namespaces/${ns}/pods`,
    };
  };
  const nodes = async (): Promise<string[]> =>
    (await api.get('/api/v1/nodes')).items.map(({ metadata }: any) => metadata.name);
  const isUp = ({ metadata, status }: any): boolean =>
    !metadata.deletionTimestamp &&
    status.conditions?.some(({ type, status }: any) => type === 'Ready' && status === 'True');

  /** Waits until exactly these nodes run one ready pod each; gives the pods. */
  const runOn = (pods: string, wanted: readonly string[]): Promise<any[]> =>
    eventually(`pods on ${wanted.join(' and ')}`, async () => {
      const { items } = await api.get(pods);
      const names = items.map(({ spec }: any) => spec.nodeName).sort();
      return items.every(isUp) && names.join() === [...wanted].sort().join() && items;
    });
  const color = (node: string, value: string | null): Promise<any> =>
    api.patch(`/api/v1/nodes/${node}`, { metadata: { labels: { [nodeLabel]: value } } });

  test('Daemon set [Serial] should run and stop simple daemon', async () => {
    const { sets, pods } = await setUp();
    await api.create(sets, workload('DaemonSet', 'daemon-set'));
    const [first] = (await runOn(pods, await nodes())) as [any];
    await api.delete(`${pods}/${first.metadata.name}`);
    await eventually('the pod is revived', async () => {
      const { items } = await api.get(pods);
      return !items.some(({ metadata }: any) => metadata.uid === first.metadata.uid);
    });
    await runOn(pods, await nodes());
    await api.delete(`${sets}/daemon-set`, { propagationPolicy: 'Background' });
    await runOn(pods, []);
  });

  test('Daemon set [Serial] should run and stop complex daemon', async () => {
    const { sets, pods } = await setUp();
    const set = workload('DaemonSet', 'daemon-set');
    set.spec.template.spec.nodeSelector = { [nodeLabel]: 'blue' };
    const [node = ''] = await nodes();
    try {
      await api.create(sets, set);
      await api.until(
        'it has been seen',
        `${sets}/daemon-set`,
        ({ status }) => status.observedGeneration === 1,
      );
      assert.equal((await api.get(pods)).items.length, 0);
      await color(node, 'blue');
      await runOn(pods, [node]);
      const { status } = await api.until(
        'it counts',
        `${sets}/daemon-set`,
        ({ status }) => status.numberReady === 1,
      );
      assert.equal(status.desiredNumberScheduled, 1);
      await color(node, 'green');
      await runOn(pods, []);
      await api.change(`${sets}/daemon-set`, (object) => {
        object.spec.template.spec.nodeSelector = { [nodeLabel]: 'green' };
        object.spec.updateStrategy = { type: 'RollingUpdate' };
      });
      await runOn(pods, [node]);
    } finally {
      await color(node, null);
    }
  });

  test('Daemon set [Serial] should retry creating failed daemon pods', async () => {
    const { sets, pods } = await setUp();
    await api.create(sets, workload('DaemonSet', 'daemon-set'));
    const [first] = (await runOn(pods, await nodes())) as [any];
    await api.change(`${pods}/${first.metadata.name}/status`, (object) => {
      object.status.phase = 'Failed';
    });
    await eventually('the failed pod goes', async () => {
      const { items } = await api.get(pods);
      return !items.some(({ metadata }: any) => metadata.uid === first.metadata.uid);
    });
    await runOn(pods, await nodes());
  });

  test('Daemon set [Serial] should update pod when spec was updated and update strategy is RollingUpdate', async () => {
    const { sets, pods, revisions } = await setUp();
    await api.create(
      sets,
      workload('DaemonSet', 'daemon-set', { updateStrategy: { type: 'RollingUpdate' } }),
    );
    const before = await runOn(pods, await nodes());
    const [revision] = (await api.get(revisions)).items;
    assert.equal(revision.revision, 1);
    const hash = revision.metadata.labels['controller-revision-hash'];
    for (const { metadata } of before) assert.equal(metadata.labels['controller-revision-hash'], hash);
    await api.change(`${sets}/daemon-set`, (object) => {
      object.spec.template.spec.containers[0].image = toolImage(2);
    });
    await eventually('every pod has the new image', async () => {
      const items = await runOn(pods, await nodes());
      return items.every(({ spec }) => spec.containers[0].image === toolImage(2));
    });
    const { items } = await api.get(revisions);
    assert.deepEqual(items.map(({ revision }: any) => revision).sort(), [1, 2]);
  });

  test('Daemon set [Serial] should rollback without unnecessary restarts', async () => {
    const { sets, pods } = await setUp();
    const one = `${sets}/daemon-set`;
    await api.create(
      sets,
      workload('DaemonSet', 'daemon-set', { updateStrategy: { type: 'RollingUpdate' } }),
    );
    await runOn(pods, await nodes());
    const setImage = (image: string): Promise<any> =>
      api.change(one, (object) => {
        object.spec.template.spec.containers[0].image = image;
      });
    await setImage('coxswain.example/absent:non-existent');
    const mixed = await eventually('the update is under way', async () => {
      const { items } = await api.get(pods);
      const fresh = items.filter(({ spec }: any) => spec.containers[0].image.endsWith('non-existent'));
      return fresh.length > 0 && items;
    });
    const kept = mixed.filter(
      ({ spec, metadata }: any) => spec.containers[0].image === toolImage(1) && !metadata.deletionTimestamp,
    );
    assert.ok(kept.length > 0);
    await setImage(toolImage(1));
    await eventually('all pods are of the first template', async () => {
      const items = await runOn(pods, await nodes());
      return items.every(({ spec }) => spec.containers[0].image === toolImage(1));
    });
    for (const { metadata } of kept) {
      const live = await api.get(`${pods}/${metadata.name}`);
      assert.equal(live.metadata.uid, metadata.uid);
      assert.equal(live.status.containerStatuses[0].restartCount, 0);
    }
  });

  test('Daemon set [Serial] should list and delete a collection of DaemonSets', async () => {
    const { sets, pods } = await setUp();
    const labels = { 'daemonset-name': 'daemon-set-listed' };
    await api.create(sets, workload('DaemonSet', 'daemon-set', {}, {}, labels));
    await runOn(pods, await nodes());
    assert.equal((await api.get(`/apis/apps/v1/daemonsets?${query(labels)}`)).items.length, 1);
    await api.delete(`${sets}?${query(labels)}`);
    assert.equal((await api.get(`/apis/apps/v1/daemonsets?${query(labels)}`)).items.length, 0);
    await runOn(pods, []);
  });

  test('Daemon set [Serial] should verify changes to a daemon set status', async () => {
    const { sets, pods } = await setUp();
    await api.create(sets, workload('DaemonSet', 'daemon-set'));
    await runOn(pods, await nodes());
    await checkStatusEndpoints(api, sets, 'daemon-set');
  });

  test('ControllerRevision [Serial] should manage the lifecycle of a ControllerRevision', async () => {
    const { sets, pods, revisions } = await setUp();
    const labels = { 'daemonset-name': 'e2e-revisions' };
    await api.create(sets, workload('DaemonSet', 'e2e-revisions', {}, {}, labels));
    await runOn(pods, await nodes());
    const { items } = await api.get(`/apis/apps/v1/controllerrevisions?${query(labels)}`);
    const [initial] = items.filter(({ metadata }: any) => revisions.includes(`/${metadata.namespace}/`));
    const patched = await api.patch(`${revisions}/${initial.metadata.name}`, {
      metadata: { labels: { [initial.metadata.name]: 'patched' } },
    });
    assert.equal(patched.metadata.labels[initial.metadata.name], 'patched');
    const second = {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: 'e2e-revision-second',
        labels: initial.metadata.labels,
        ownerReferences: initial.metadata.ownerReferences,
      },
      data: initial.data,
      revision: initial.revision + 1,
    };
    await api.create(revisions, second);
    assert.equal((await api.get(revisions)).items.length, 2);
    await api.delete(`${revisions}/${initial.metadata.name}`);
    await api.until(
      'one is left',
      revisions,
      ({ items }) => items.filter(({ metadata }: any) => metadata.uid !== initial.metadata.uid).length >= 1,
    );
    const updated = await api.change(`${revisions}/e2e-revision-second`, (object) => {
      object.metadata.labels['e2e-revision-second'] = 'updated';
    });
    assert.equal(updated.metadata.labels['e2e-revision-second'], 'updated');
    await api.delete(`${revisions}?${query({ 'e2e-revision-second': 'updated' })}`);
    await api.gone(`${revisions}/e2e-revision-second`);
    // A changed template makes a revision of its own.
    const hash = 'controller-revision-hash';
    await api.change(`${sets}/e2e-revisions`, (object) => {
      object.spec.template.spec.terminationGracePeriodSeconds = 2;
    });
    await api.until('the new revision', revisions, ({ items }) =>
      items.some(({ metadata }: any) => metadata.labels[hash] !== initial.metadata.labels[hash]),
    );
    await api.delete(`${revisions}?${query(labels)}`);
  });
}
