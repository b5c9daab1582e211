import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../../access/loopback-user.ts';
import { startTestServer } from '../../testing-server.ts';

const scaler = (version: string, spec: object): KubeObject => ({
  apiVersion: `autoscaling/${version}`,
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    maxReplicas: 3,
    ...spec,
  },
});

/** Who owns which fields of the spec, by version and operation. */
const owners = (object: KubeObject): Record<string, string[]> =>
  Object.fromEntries(
    (object.metadata.managedFields ?? []).map(({ manager, apiVersion, fieldsV1 }) => [
      `${manager} ${apiVersion}`,
      Object.keys((fieldsV1 as any)['f:spec'] ?? {}).sort(),
    ]),
  );

test('managers own fields of the version they wrote, and lose them to writers of another', async () => {
  const { server, close } = await startTestServer();
  const as = (version: string, manager: string) =>
    new Client(server.loopback(loopbackUser, manager)).resource(
      { group: 'autoscaling', version, resource: 'horizontalpodautoscalers' },
      'default',
    );
  await as('v1', 'old').create(scaler('v1', { targetCPUUtilizationPercentage: 50 }));
  const created = await as('v2', 'new').get('web');
  assert.deepEqual(owners(created), {
    'old autoscaling/v1': [
      'f:maxReplicas',
      'f:minReplicas',
      'f:scaleTargetRef',
      'f:targetCPUUtilizationPercentage',
    ],
  });
  const target = { type: 'Utilization', averageUtilization: 60 };
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  await as('v2', 'new').update({ ...created, spec: { ...created['spec'], maxReplicas: 5, metrics } });
  assert.deepEqual(owners(await as('v1', 'old').get('web')), {
    'old autoscaling/v1': ['f:minReplicas', 'f:scaleTargetRef'],
    'new autoscaling/v2': ['f:maxReplicas', 'f:metrics'],
  });
  await close();
});
