import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../e2e/support/cluster.ts';
import { pod, service } from '../../e2e/support/objects.ts';
import { toolImage } from '../../e2e/support/tool-image.ts';
import { jsonPatch } from '../support/api.ts';
import type { Suite } from '../support/suite.ts';
import { checkScale, checkStatusEndpoints } from './status-endpoints.ts';
import { query, readyFile, workload } from './workloads.ts';

const revisionLabel = 'controller-revision-hash';

export function statefulSets({ api, cluster, namespace }: Suite): void {
  const setUp = async (): Promise<{ ns: string; sets: string; pods: string }> => {
    const ns = await namespace('statefulset');
    await api.create(
      `/api/v1/namespaces/${ns}/services`,
      service('test', { clusterIP: 'None', selector: { name: 'ss' } }),
    );
    return { ns, sets: `/apis/apps/v1/namespaces/${ns}/statefulsets`, pods: `/api/v1/namespaces/${ns}/pods` };
  };
  const statefulSet = (spec: object = {}, parts: object = {}, name = 'ss'): any =>
    workload('StatefulSet', name, { serviceName: 'test', replicas: 3, ...spec }, parts, { name });
  const settled = (path: string, count: number): Promise<any> =>
    api.until(
      `${count} pods of ${path} are ready`,
      path,
      ({ metadata, spec, status }) =>
        spec.replicas === count &&
        status.observedGeneration >= metadata.generation &&
        status.replicas === count &&
        (status.readyReplicas ?? 0) === count,
    );
  const rolledOut = (path: string): Promise<any> =>
    api.until(
      'the rollout is done',
      path,
      ({ metadata, status }) =>
        status.observedGeneration >= metadata.generation &&
        status.currentRevision === status.updateRevision &&
        status.readyReplicas === status.replicas,
    );
  const setImage = (path: string, version: number): Promise<any> =>
    api.change(path, (object) => {
      object.spec.template.spec.containers[0].image = toolImage(version);
    });
  /** Pods by ordinal. */
  const members = async (pods: string): Promise<any[]> =>
    (await api.get(`${pods}?${query({ name: 'ss' })}`)).items.sort((a: any, b: any) =>
      a.metadata.name.localeCompare(b.metadata.name),
    );
  const touch = (ns: string, name: string): Promise<string> =>
    cluster.kubectl('exec', '-n', ns, name, '--', 'touch', '/tmp/ready');
  const untouch = (ns: string, name: string): Promise<string> =>
    cluster.kubectl('exec', '-n', ns, name, '--', 'rm', '-f', '/tmp/ready');
  const isReady = (object: any): boolean =>
    object.status.conditions?.some(({ type, status }: any) => type === 'Ready' && status === 'True');
  const runs = (pods: string, name: string): Promise<any> =>
    eventually(`${name} runs`, async () => {
      const answer = await api.call('GET', `${pods}/${name}`);
      return answer.status === 200 && answer.body.status.phase === 'Running' && answer.body;
    });

  test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Scaling should happen in predictable order and halt if any stateful pod is unhealthy [Slow]', async () => {
    const { ns, sets, pods } = await setUp();
    const log = await api.watch(pods, { labelSelector: 'name=ss' });
    await api.create(sets, statefulSet({}, readyFile));
    await runs(pods, 'ss-0');
    await api.until('its status', `${sets}/ss`, ({ status }) => status.replicas === 1);
    assert.equal((await members(pods)).length, 1);
    for (const ordinal of [0, 1, 2]) {
      await runs(pods, `ss-${ordinal}`);
      // The next one waits until this one is ready.
      assert.equal((await members(pods)).length, ordinal + 1);
      await touch(ns, `ss-${ordinal}`);
    }
    await settled(`${sets}/ss`, 3);
    const added = log.events.filter(({ type }) => type === 'ADDED').map(({ object }) => object.metadata.name);
    assert.deepEqual(added, ['ss-0', 'ss-1', 'ss-2']);

    const all = ['ss-0', 'ss-1', 'ss-2'];
    await Promise.all(all.map((name) => untouch(ns, name)));
    await api.until('the set knows', `${sets}/ss`, ({ status }) => (status.readyReplicas ?? 0) === 0);
    await api.patch(`${sets}/ss/scale`, { spec: { replicas: 0 } });
    await api.until(
      'the wish is seen',
      `${sets}/ss`,
      ({ metadata, status }) => status.observedGeneration >= metadata.generation,
    );
    assert.equal((await members(pods)).length, 3);
    await Promise.all(all.map((name) => touch(ns, name)));
    await eventually('all are gone', async () => (await members(pods)).length === 0);
    await log.next(
      'the last goes',
      ({ type, object }) => type === 'DELETED' && object.metadata.name === 'ss-0',
    );
    const gone = log.events
      .filter(({ type }) => type === 'DELETED')
      .map(({ object }) => object.metadata.name);
    assert.deepEqual(gone, ['ss-2', 'ss-1', 'ss-0']);
    log.close();
  });

  test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Burst scaling should run to completion even with unhealthy pods [Slow]', async () => {
    const { ns, sets, pods } = await setUp();
    await api.create(sets, statefulSet({ replicas: 1, podManagementPolicy: 'Parallel' }, readyFile));
    await runs(pods, 'ss-0');
    await api.patch(`${sets}/ss/scale`, { spec: { replicas: 3 } });
    await Promise.all(['ss-0', 'ss-1', 'ss-2'].map((name) => runs(pods, name)));
    assert.equal((await members(pods)).filter(isReady).length, 0);
    await Promise.all(['ss-0', 'ss-1', 'ss-2'].map((name) => touch(ns, name)));
    await settled(`${sets}/ss`, 3);
    await untouch(ns, 'ss-1');
    await api.until('ss-1 is unhealthy', `${pods}/ss-1`, (object) => !isReady(object));
    await api.patch(`${sets}/ss/scale`, { spec: { replicas: 0 } });
    await eventually('all are gone', async () => (await members(pods)).length === 0);
  });

  test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform rolling updates and roll backs of template modifications', async () => {
    const { sets, pods } = await setUp();
    await api.create(sets, statefulSet());
    const first = await settled(`${sets}/ss`, 3);
    assert.equal(first.status.currentRevision, first.status.updateRevision);
    for (const { metadata } of await members(pods)) {
      assert.equal(metadata.labels[revisionLabel], first.status.currentRevision);
    }
    const log = await api.watch(pods, { resourceVersion: first.metadata.resourceVersion });
    for (const version of [2, 1]) {
      await setImage(`${sets}/ss`, version);
      const done = await rolledOut(`${sets}/ss`);
      if (version === 2) assert.notEqual(done.status.currentRevision, first.status.currentRevision);
      else assert.equal(done.status.currentRevision, first.status.currentRevision);
      for (const { metadata, spec } of await members(pods)) {
        assert.equal(spec.containers[0].image, toolImage(version));
        assert.equal(metadata.labels[revisionLabel], done.status.currentRevision);
      }
    }
    await log.next(
      'the last replacement',
      () => log.events.filter(({ type }) => type === 'ADDED').length >= 6,
    );
    // From the highest ordinal down, one after the other.
    const replaced = log.events
      .filter(({ type }) => type === 'ADDED')
      .map(({ object }) => object.metadata.name);
    assert.deepEqual(replaced.slice(-6), ['ss-2', 'ss-1', 'ss-0', 'ss-2', 'ss-1', 'ss-0']);
    log.close();
  });

  test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform canary updates and phased rolling updates of template modifications', async () => {
    const { sets, pods } = await setUp();
    const partition = (value: number): object => ({
      type: 'RollingUpdate',
      rollingUpdate: { partition: value },
    });
    const images = async (): Promise<string[]> =>
      (await members(pods)).map(({ spec }) => spec.containers[0].image);
    await api.create(sets, statefulSet({ updateStrategy: partition(3) }));
    const first = await settled(`${sets}/ss`, 3);
    await setImage(`${sets}/ss`, 2);
    const seen = await api.until(
      'the new revision',
      `${sets}/ss`,
      ({ status }) => status.updateRevision !== status.currentRevision,
    );
    assert.equal(seen.status.currentRevision, first.status.currentRevision);
    assert.deepEqual(await images(), Array(3).fill(toolImage(1)));

    const setPartition = (value: number): Promise<any> =>
      api.patch(`${sets}/ss`, { spec: { updateStrategy: partition(value) } });
    const phase = (expected: readonly string[]): Promise<unknown> =>
      eventually(`images ${expected}`, async () => {
        const found = await members(pods);
        return found.length === 3 && found.every(isReady) && (await images()).join() === expected.join();
      });
    await setPartition(2);
    await phase([toolImage(1), toolImage(1), toolImage(2)]);
    // Both come back as they were: each below the partition at its old revision, each above at the new.
    await Promise.all([api.delete(`${pods}/ss-0`), api.delete(`${pods}/ss-2`)]);
    await eventually(
      'both are replaced',
      async () => (await members(pods)).filter(({ metadata }) => !metadata.deletionTimestamp).length === 3,
    );
    await phase([toolImage(1), toolImage(1), toolImage(2)]);
    await setPartition(1);
    await phase([toolImage(1), toolImage(2), toolImage(2)]);
    await setPartition(0);
    await phase(Array(3).fill(toolImage(2)));
    const done = await rolledOut(`${sets}/ss`);
    assert.notEqual(done.status.currentRevision, first.status.currentRevision);
  });

  test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should have a working scale subresource', async () => {
    const { sets } = await setUp();
    await api.create(sets, statefulSet({ replicas: 1 }));
    await settled(`${sets}/ss`, 1);
    await checkScale(api, `${sets}/ss`);
  });

  test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should list, patch and delete a collection of StatefulSets', async () => {
    const { sets, pods } = await setUp();
    await api.create(sets, statefulSet({ replicas: 1 }));
    await settled(`${sets}/ss`, 1);
    await api.patch(`${sets}/ss`, {
      metadata: { labels: { 'e2e-statefulset': 'patched' } },
      spec: { replicas: 2 },
    });
    await settled(`${sets}/ss`, 2);
    const labels = { 'e2e-statefulset': 'patched' };
    const { items } = await api.get(`/apis/apps/v1/statefulsets?${query(labels)}`);
    assert.equal(items.length, 1);
    await api.delete(`${sets}?${query(labels)}`, { gracePeriodSeconds: 0 });
    assert.equal((await api.get(sets)).items.length, 0);
    await eventually('its pods go', async () => (await members(pods)).length === 0);
  });

  test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should validate Statefulset Status endpoints', async () => {
    const { sets } = await setUp();
    await api.create(sets, statefulSet({ replicas: 1 }));
    await settled(`${sets}/ss`, 1);
    await checkStatusEndpoints(api, sets, 'ss');
    const replaced = await api.patch(
      `${sets}/ss`,
      [{ op: 'add', path: '/metadata/labels/patched', value: 'yes' }],
      jsonPatch,
    );
    assert.equal(replaced.metadata.labels.patched, 'yes');
  });

  test('StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Should recreate evicted statefulset', async () => {
    const { sets, pods } = await setUp();
    const [{ metadata: node }] = (await api.get('/api/v1/nodes')).items;
    const ports = { ports: [{ containerPort: 21017, hostPort: 21017 }] };
    await api.create(pods, pod('test-pod', ports, { nodeName: node.name }));
    await runs(pods, 'test-pod');
    const set = statefulSet({ replicas: 1 }, ports);
    set.spec.template.spec.nodeName = node.name;
    const log = await api.watch(pods, { fieldSelector: 'metadata.name=ss-0' });
    await api.create(sets, set);
    // The node refuses the pod for its port, so that it fails and is made again until the port is free.
    const failed = await log.next('ss-0 fails', ({ object }) => object.status.phase === 'Failed');
    await log.next('ss-0 is made anew', ({ object }) => object.metadata.uid !== failed.object.metadata.uid);
    await api.delete(`${pods}/test-pod`, { gracePeriodSeconds: 0 });
    await runs(pods, 'ss-0');
    log.close();
  });
}
