import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idle, pod } from '../../e2e/support/objects.ts';
import type { Suite } from '../support/suite.ts';
import { query } from './workloads.ts';

const labels = { foo: 'bar' };

const budget = (name: string, spec: object): object => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name, labels },
  spec: { selector: { matchLabels: labels }, ...spec },
});

export function disruption({ api, namespace }: Suite): void {
  const setUp = async (): Promise<{ budgets: string; pods: string }> => {
    const ns = await namespace('disruption');
    return {
      budgets: `/apis/policy/v1/namespaces/${ns}/poddisruptionbudgets`,
      pods: `/api/v1/namespaces/${ns}/pods`,
    };
  };
  const processed = (path: string): Promise<any> =>
    api.until(
      'the budget is processed',
      path,
      ({ metadata, status }) => status?.observedGeneration >= metadata.generation,
    );
  const runPods = async (pods: string, count: number): Promise<string[]> => {
    const names = Array.from({ length: count }, (_, index) => `pod-${index}`);
    for (const name of names) await api.create(pods, { ...pod(name, idle), metadata: { name, labels } });
    for (const name of names) {
      await api.until(`${name} is ready`, `${pods}/${name}`, ({ status }) =>
        status.conditions?.some((c: any) => c.type === 'Ready' && c.status === 'True'),
      );
    }
    return names;
  };

  test('DisruptionController Listing PodDisruptionBudgets for all namespaces should list and delete a collection of PodDisruptionBudgets', async () => {
    const [first, second] = [await setUp(), await setUp()];
    const mark = { 'e2e-pdb': 'listed' };
    for (const [path, names] of [
      [first.budgets, ['foo1', 'foo2']],
      [second.budgets, ['foo3']],
    ] as const) {
      for (const name of names) {
        await api.create(path, { ...budget(name, { minAvailable: 1 }), metadata: { name, labels: mark } });
        await processed(`${path}/${name}`);
      }
    }
    const all = `/apis/policy/v1/poddisruptionbudgets?${query(mark)}`;
    assert.equal((await api.get(all)).items.length, 3);
    await api.delete(`${first.budgets}?${query(mark)}`);
    await api.until('one is left', all, ({ items }) => items.length === 1);
  });

  test('DisruptionController should create a PodDisruptionBudget', async () => {
    const { budgets } = await setUp();
    await api.create(budgets, budget('foo', { minAvailable: '1%' }));
    await processed(`${budgets}/foo`);
    const updated = await api.change(`${budgets}/foo`, (object) => {
      object.spec.minAvailable = '2%';
    });
    assert.equal(updated.spec.minAvailable, '2%');
    await processed(`${budgets}/foo`);
    const patched = await api.patch(`${budgets}/foo`, { spec: { minAvailable: '3%' } });
    assert.equal(patched.spec.minAvailable, '3%');
    await processed(`${budgets}/foo`);
    await api.delete(`${budgets}/foo`);
    await api.gone(`${budgets}/foo`);
  });

  test('DisruptionController should observe PodDisruptionBudget status updated', async () => {
    const { budgets, pods } = await setUp();
    await api.create(budgets, budget('foo', { minAvailable: 1 }));
    await runPods(pods, 3);
    const { status } = await api.until(
      'two may go',
      `${budgets}/foo`,
      ({ status }) => status.disruptionsAllowed === 2,
    );
    assert.deepEqual([status.expectedPods, status.currentHealthy, status.desiredHealthy], [3, 3, 1]);
  });

  test('DisruptionController should update/patch PodDisruptionBudget status', async () => {
    const { budgets, pods } = await setUp();
    await api.create(budgets, budget('foo', { minAvailable: 1 }));
    await runPods(pods, 1);
    await api.until('it counts', `${budgets}/foo`, ({ status }) => status.currentHealthy === 1);
    const updated = await api.change(`${budgets}/foo/status`, (object) => {
      object.status.disruptedPods = { 'some-pod': '2020-01-01T00:00:00Z' };
    });
    assert.ok(updated.status.disruptedPods['some-pod']);
    const patched = await api.patch(`${budgets}/foo/status`, {
      status: { disruptedPods: { 'other-pod': '2020-01-01T00:00:00Z' } },
    });
    assert.ok(patched.status.disruptedPods['other-pod']);
    assert.equal((await api.get(`${budgets}/foo`)).spec.minAvailable, 1);
  });

  test('DisruptionController should block an eviction until the PDB is updated to allow it', async () => {
    const { budgets, pods } = await setUp();
    const names = await runPods(pods, 3);
    await api.create(budgets, budget('foo', { minAvailable: 3 }));
    await api.until(
      'none may go',
      `${budgets}/foo`,
      ({ metadata, status }) =>
        status.observedGeneration >= metadata.generation &&
        status.currentHealthy === 3 &&
        status.disruptionsAllowed === 0,
    );
    const evict = (name: string): Promise<any> =>
      api.call('POST', `${pods}/${name}/eviction`, {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name },
      });
    const [first = '', second = ''] = names;
    const blocked = await evict(first);
    assert.equal(blocked.status, 429);
    assert.match(blocked.body.message, /Cannot evict pod as it would violate the pod's disruption budget\./);
    assert.equal(blocked.body.details.causes[0].reason, 'DisruptionBudget');
    await api.change(`${budgets}/foo`, (object) => {
      object.spec.minAvailable = 2;
    });
    await api.until('one may go', `${budgets}/foo`, ({ status }) => status.disruptionsAllowed === 1);
    assert.equal((await evict(first)).status, 201);
    await api.gone(`${pods}/${first}`);
    await api.until(
      'none may go again',
      `${budgets}/foo`,
      ({ status }) => status.currentHealthy === 2 && status.disruptionsAllowed === 0,
    );
    assert.equal((await evict(second)).status, 429);
    await api.delete(`${budgets}/foo`);
    await api.gone(`${budgets}/foo`);
    assert.equal((await evict(second)).status, 201);
    await api.gone(`${pods}/${second}`);
  });
}
