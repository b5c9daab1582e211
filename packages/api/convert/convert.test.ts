import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convert } from './convert.ts';

const autoscaler = {
  kind: 'HorizontalPodAutoscaler',
  apiVersion: 'autoscaling/v2',
  metadata: { name: 'm', annotations: { own: 'x' } },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' },
    minReplicas: 2,
    maxReplicas: 5,
    metrics: [
      {
        type: 'Pods',
        pods: { metric: { name: 'qps' }, target: { type: 'AverageValue', averageValue: '1500m' } },
      },
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
      },
    ],
    behavior: {
      scaleDown: {
        stabilizationWindowSeconds: 60,
        selectPolicy: 'Max',
        policies: [{ type: 'Pods', value: 1, periodSeconds: 30 }],
      },
    },
  },
  status: {
    currentReplicas: 1,
    desiredReplicas: 2,
    currentMetrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', current: { averageValue: '10m', averageUtilization: 5 } },
      },
    ],
    conditions: [{ type: 'AbleToScale', status: 'True', lastTransitionTime: null }],
  },
};

test('convert() puts what autoscaling/v1 lacks into annotations and takes it back from there', () => {
  const v1 = convert(autoscaler, 'autoscaling/v1');
  assert.deepEqual(v1['spec'], {
    scaleTargetRef: autoscaler.spec.scaleTargetRef,
    minReplicas: 2,
    maxReplicas: 5,
    targetCPUUtilizationPercentage: 70,
  });
  assert.deepEqual(v1['status'], {
    currentReplicas: 1,
    desiredReplicas: 2,
    currentCPUUtilizationPercentage: 5,
  });
  assert.deepEqual(v1.metadata.annotations, {
    own: 'x',
    'autoscaling.alpha.kubernetes.io/metrics':
      '[{"type":"Pods","pods":{"metricName":"qps","targetAverageValue":"1500m"}}]',
    'autoscaling.alpha.kubernetes.io/current-metrics':
      '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":5,"currentAverageValue":"10m"}}]',
    'autoscaling.alpha.kubernetes.io/conditions':
      '[{"type":"AbleToScale","status":"True","lastTransitionTime":null}]',
    'autoscaling.alpha.kubernetes.io/behavior':
      '{"ScaleUp":null,"ScaleDown":{"StabilizationWindowSeconds":60,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":30}],"Tolerance":null}}',
  });
  assert.deepEqual(convert(v1, 'autoscaling/v2'), autoscaler);
});

test('convert() takes no annotation for what autoscaling/v1 lacks that it has not written', () => {
  const name = 'autoscaling.alpha.kubernetes.io/conditions';
  const { conditions: _, ...status } = autoscaler.status;
  const old = { ...autoscaler, metadata: { name: 'm', annotations: { [name]: '[]' } }, status };
  assert.equal(convert(old, 'autoscaling/v1').metadata.annotations?.[name], undefined);
});

test('convert() renames the fields of an event', () => {
  const event = convert(
    {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: { name: 'e' },
      involvedObject: { kind: 'Pod', name: 'p' },
      message: 'hello',
      source: { component: 'me' },
      count: 1,
    },
    'events.k8s.io/v1',
  );
  assert.deepEqual(event, {
    kind: 'Event',
    apiVersion: 'events.k8s.io/v1',
    metadata: { name: 'e' },
    eventTime: null,
    regarding: { kind: 'Pod', name: 'p' },
    note: 'hello',
    deprecatedSource: { component: 'me' },
    deprecatedFirstTimestamp: null,
    deprecatedLastTimestamp: null,
    deprecatedCount: 1,
  });
  assert.equal(convert(event, 'v1')['message'], 'hello');
});

test('convert() nests the requests of a v1beta1 claim and flattens them again', () => {
  const old = {
    kind: 'ResourceClaim',
    apiVersion: 'resource.k8s.io/v1beta1',
    metadata: { name: 'c' },
    spec: { devices: { requests: [{ name: 'r', deviceClassName: 'gpu', count: 2 }] } },
    status: {},
  };
  const now = convert(old, 'resource.k8s.io/v1');
  assert.deepEqual(now['spec'], {
    devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', count: 2 } }] },
  });
  assert.deepEqual(convert(now, 'resource.k8s.io/v1beta1'), old);
});

test('convert() gives the object itself in its own version and refuses versions without the kind', () => {
  assert.equal(convert(autoscaler, 'autoscaling/v2'), autoscaler);
  assert.throws(() => convert(autoscaler, 'apps/v1'), { code: 'ERR_CONVERT' });
});
