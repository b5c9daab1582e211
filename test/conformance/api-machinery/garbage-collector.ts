import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../e2e/support/cluster.ts';
import { container, deployment, idle, pod } from '../../e2e/support/objects.ts';
import type { Suite } from '../support/suite.ts';

export function replicationController(name: string, replicas: number): object {
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name },
    spec: {
      replicas,
      selector: { app: name },
      template: {
        metadata: { labels: { app: name } },
        spec: { terminationGracePeriodSeconds: 1, containers: [container(idle)] },
      },
    },
  };
}

const background = { propagationPolicy: 'Background' };
const orphan = { propagationPolicy: 'Orphan' };
const foreground = { propagationPolicy: 'Foreground' };

const ownerOf = (kind: string, object: any): object => ({
  apiVersion: kind === 'ReplicationController' || kind === 'Pod' ? 'v1' : 'apps/v1',
  kind,
  name: object.metadata.name,
  uid: object.metadata.uid,
});

export function garbageCollector({ api, namespace }: Suite): void {
  const controllers = (ns: string): string => `/api/v1/namespaces/${ns}/replicationcontrollers`;
  const podsOf = async (ns: string): Promise<any[]> => (await api.get(`/api/v1/namespaces/${ns}/pods`)).items;

  test('Garbage collector should delete pods created by rc when not orphaning', async () => {
    const ns = await namespace('gc');
    await api.create(controllers(ns), replicationController('simpletest', 2));
    await eventually('two pods', async () => (await podsOf(ns)).length === 2);
    await api.delete(`${controllers(ns)}/simpletest`, background);
    await api.gone(`${controllers(ns)}/simpletest`);
    await eventually('no pods', async () => (await podsOf(ns)).length === 0);
  });

  test('Garbage collector should orphan pods created by rc if delete options say so [Serial]', async () => {
    const ns = await namespace('gc');
    const path = `${controllers(ns)}/orphaning`;
    await api.create(controllers(ns), replicationController('orphaning', 3));
    await api.until('all pods are there', path, ({ status }) => status.replicas === 3);
    const { metadata } = await api.get(path);
    await api.delete(path, { ...orphan, preconditions: { uid: metadata.uid } });
    await api.gone(path);
    const pods = await podsOf(ns);
    assert.equal(pods.length, 3);
    for (const { metadata } of pods) {
      assert.equal(metadata.ownerReferences, undefined);
      assert.equal(metadata.deletionTimestamp, undefined);
    }
  });

  test('Garbage collector should delete RS created by deployment when not orphaning', async () => {
    const ns = await namespace('gc');
    const base = `/apis/apps/v1/namespaces/${ns}`;
    await api.create(`${base}/deployments`, deployment('simple', 2, { ...idle, readinessProbe: undefined }));
    await api.until('a replica set', `${base}/replicasets`, ({ items }) => items.length === 1);
    await api.delete(`${base}/deployments/simple`, background);
    await api.until('no replica set', `${base}/replicasets`, ({ items }) => items.length === 0);
    await eventually('no pods', async () => (await podsOf(ns)).length === 0);
  });

  test('Garbage collector should orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan', async () => {
    const ns = await namespace('gc');
    const base = `/apis/apps/v1/namespaces/${ns}`;
    await api.create(`${base}/deployments`, deployment('simple', 2, { ...idle, readinessProbe: undefined }));
    await api.until(
      'the replica set made its pods',
      `${base}/replicasets`,
      ({ items }) => items[0]?.status.replicas === 2,
    );
    await api.delete(`${base}/deployments/simple`, orphan);
    await api.gone(`${base}/deployments/simple`);
    const { items } = await api.get(`${base}/replicasets`);
    assert.equal(items.length, 1);
    assert.equal(items[0].metadata.ownerReferences, undefined);
    assert.equal(items[0].metadata.deletionTimestamp, undefined);
  });

  test('Garbage collector should keep the rc around until all its pods are deleted if the deleteOptions says so [Serial]', async () => {
    const ns = await namespace('gc');
    const path = `${controllers(ns)}/waiting`;
    await api.create(controllers(ns), replicationController('waiting', 3));
    await api.until('all pods are there', path, ({ status }) => status.replicas === 3);
    const log = await api.watch(`/api/v1/namespaces/${ns}/pods`);
    await log.next('the last pod is listed', () => log.events.length >= 3);
    await api.delete(path, foreground);
    const marked = await api.get(path);
    assert.ok(marked.metadata.finalizers.includes('foregroundDeletion'));
    await api.gone(path);
    assert.deepEqual(await podsOf(ns), []);
    log.close();
  });

  test("Garbage collector should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted [Serial]", async () => {
    const ns = await namespace('gc');
    const path = controllers(ns);
    await api.create(path, replicationController('to-be-deleted', 4));
    const staying = replicationController('to-stay', 0) as any;
    staying.spec.selector = { another: 'key' };
    staying.spec.template.metadata.labels = { another: 'key' };
    const stays = await api.create(path, staying);
    await api.until('all pods', `${path}/to-be-deleted`, ({ status }) => status.replicas === 4);
    const pods = await podsOf(ns);
    for (const { metadata } of pods.slice(0, 2)) {
      await api.change(`/api/v1/namespaces/${ns}/pods/${metadata.name}`, (object) => {
        object.metadata.ownerReferences.push(ownerOf('ReplicationController', stays));
      });
    }
    await api.delete(`${path}/to-be-deleted`, foreground);
    await api.gone(`${path}/to-be-deleted`);
    const left = await eventually('two pods stay', async () => {
      const found = await podsOf(ns);
      return found.length === 2 && found;
    });
    for (const { metadata } of left) {
      assert.equal(metadata.deletionTimestamp, undefined);
      assert.deepEqual(
        metadata.ownerReferences.map(({ name }: any) => name),
        ['to-stay'],
      );
    }
  });

  test('Garbage collector should not be blocked by dependency circle', async () => {
    const ns = await namespace('gc');
    const path = `/api/v1/namespaces/${ns}/pods`;
    const pods = await Promise.all([1, 2, 3].map((number) => api.create(path, pod(`pod${number}`, idle))));
    for (const [index, { metadata }] of pods.entries()) {
      const owner = pods[(index + 2) % 3];
      await api.patch(`${path}/${metadata.name}`, {
        metadata: {
          ownerReferences: [{ ...ownerOf('Pod', owner), blockOwnerDeletion: true, controller: true }],
        },
      });
    }
    await api.delete(`${path}/pod1`, foreground);
    await eventually('all three are gone', async () => (await podsOf(ns)).length === 0);
  });
}
