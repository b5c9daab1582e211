import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Suite } from '../support/suite.ts';

const all = '/apis/scheduling.k8s.io/v1/priorityclasses';

export function priorityClasses({ api }: Suite): void {
  test('SchedulerPreemption [Serial] PriorityClass endpoints verify PriorityClass endpoints can be operated with different HTTP methods', async () => {
    const classOf = (name: string, value: number): object => ({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name, labels: { 'e2e-pc': 'yes' } },
      value,
      preemptionPolicy: 'PreemptLowerPriority',
    });
    const values: Readonly<Record<string, number>> = { 'e2e-p1': 1, 'e2e-p2': 2 };
    for (const [name, value] of Object.entries(values)) await api.create(all, classOf(name, value));
    for (const [name, value] of Object.entries(values)) {
      const path = `${all}/${name}`;
      const live = await api.get(path);
      assert.equal(live.value, value);
      // Value and policy stay as they are; the rest may change.
      const revalued = await api.call('PUT', path, { ...live, value: value * 10 });
      assert.equal(revalued.status, 422);
      const repatched = await api.call(
        'PATCH',
        path,
        { value: value * 10 },
        { contentType: 'application/json-patch+json' },
      );
      assert.ok(repatched.status >= 400);
      const merged = await api.call(
        'PATCH',
        path,
        { value: value * 10 },
        { contentType: 'application/merge-patch+json' },
      );
      assert.equal(merged.status, 422);
      const described = await api.update(path, { ...live, description: 'changed' });
      assert.equal(described.description, 'changed');
      const patched = await api.patch(path, { description: 'patched' });
      assert.equal(patched.description, 'patched');
      assert.equal(patched.value, value);
    }
    const { items } = await api.get(`${all}?labelSelector=e2e-pc%3Dyes`);
    assert.deepEqual(items.map(({ metadata }: any) => metadata.name).sort(), Object.keys(values));
    await api.delete(`${all}/e2e-p1`);
    assert.equal((await api.call('GET', `${all}/e2e-p1`)).status, 404);
    await api.delete(`${all}?labelSelector=e2e-pc%3Dyes`);
    assert.equal((await api.get(`${all}?labelSelector=e2e-pc%3Dyes`)).items.length, 0);
  });
}
