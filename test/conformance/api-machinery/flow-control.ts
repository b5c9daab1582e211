import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Suite } from '../support/suite.ts';

const base = '/apis/flowcontrol.apiserver.k8s.io/v1';

const flowSchema = {
  kind: 'FlowSchema',
  spec: {
    matchingPrecedence: 10_000,
    priorityLevelConfiguration: { name: 'global-default' },
    distinguisherMethod: { type: 'ByUser' },
    rules: [
      {
        subjects: [{ kind: 'User', user: { name: 'example-e2e-non-existent-user' } }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      },
    ],
  },
};

const priorityLevel = {
  kind: 'PriorityLevelConfiguration',
  spec: {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 2, limitResponse: { type: 'Reject' } },
  },
};

export function flowControl({ api }: Suite): void {
  const cases = [
    {
      title: 'API priority and fairness should support FlowSchema API operations',
      resource: 'flowschemas',
      object: flowSchema,
      spec: { matchingPrecedence: 9_999 },
    },
    {
      title: 'API priority and fairness should support PriorityLevelConfiguration API operations',
      resource: 'prioritylevelconfigurations',
      object: priorityLevel,
      spec: { limited: { nominalConcurrencyShares: 4 } },
    },
  ];
  for (const { title, resource, object, spec } of cases) {
    test(title, async () => {
      const path = `${base}/${resource}`;
      const { resources } = await api.get(base);
      for (const name of [resource, `${resource}/status`]) {
        assert.ok(resources.some((r: any) => r.name === name));
      }
      const selector = 'labelSelector=special-label%3De2e-flow-control';
      const made: string[] = [];
      for (let count = 0; count < 3; count++) {
        const { metadata } = await api.create(path, {
          apiVersion: 'flowcontrol.apiserver.k8s.io/v1',
          ...object,
          metadata: { generateName: 'e2e-', labels: { 'special-label': 'e2e-flow-control' } },
        });
        made.push(metadata.name);
      }
      const one = `${path}/${made[0]}`;
      assert.equal((await api.get(one)).metadata.name, made[0]);
      const { items, metadata } = await api.get(`${path}?${selector}`);
      assert.equal(items.length, 3);
      const log = await api.watch(path, {
        labelSelector: 'special-label=e2e-flow-control',
        resourceVersion: metadata.resourceVersion,
      });
      const patched = await api.patch(one, { metadata: { annotations: { patched: 'true' } }, spec });
      assert.equal(patched.metadata.annotations.patched, 'true');
      assert.equal(patched.metadata.generation, 2);
      await api.change(one, (live) => {
        live.metadata.annotations.updated = 'true';
      });
      await log.next('the update', (event) => event.object.metadata.annotations?.updated === 'true');
      log.close();
      const condition = {
        type: 'PatchStatusFailed',
        status: 'False',
        reason: 'Reason',
        message: 'by the test',
      };
      const status = await api.patch(`${one}/status`, { status: { conditions: [condition] } });
      assert.equal(status.status.conditions[0].reason, 'Reason');
      assert.equal((await api.get(`${one}/status`)).metadata.name, made[0]);
      await api.delete(one);
      assert.equal((await api.call('GET', one)).status, 404);
      await api.delete(`${path}?${selector}`);
      assert.equal((await api.get(`${path}?${selector}`)).items.length, 0);
    });
  }
}
