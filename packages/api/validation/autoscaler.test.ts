import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validateCreate, validateUpdate } from '../strategy/strategy.ts';
import { changed, created, factOf, texts } from '../strategy/test-objects.ts';
import type { Json } from './values.ts';

const fact = factOf('autoscaling/v2', 'HorizontalPodAutoscaler');
const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };

const autoscaler = (spec: Json) =>
  created('autoscaling/v2', 'HorizontalPodAutoscaler', {
    spec: { scaleTargetRef: target, maxReplicas: 5, ...spec },
  });

const objectMetric = (describedObject: Json): Json => ({
  type: 'Object',
  object: { describedObject, metric: { name: 'm' }, target: { type: 'Value', value: '1' } },
});
const ingress = { kind: 'Ingress', name: 'i' };

const ungrouped = 'apiVersion must specify API group';

describe('validateAutoscaler()', () => {
  const cases: readonly (readonly [what: string, spec: Json, faults: readonly string[]])[] = [
    ['a group and a version', {}, []],
    [
      'no version',
      { scaleTargetRef: { ...target, apiVersion: '' } },
      [`spec.scaleTargetRef.apiVersion: Invalid value: "": ${ungrouped}`],
    ],
    [
      'a version of the core group',
      { scaleTargetRef: { ...target, apiVersion: '/v1' } },
      [`spec.scaleTargetRef.apiVersion: Invalid value: "/v1": ${ungrouped}`],
    ],
    [
      'too many parts',
      { scaleTargetRef: { ...target, apiVersion: 'a/b/c' } },
      ['spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
    ],
    [
      'a replication controller without a group',
      { scaleTargetRef: { apiVersion: 'v1', kind: 'ReplicationController', name: 'r' } },
      [],
    ],
    ['an object of the core group in a metric', { metrics: [objectMetric({ kind: 'Pod', name: 'p' })] }, []],
    [
      'an object of a version that does not parse',
      { metrics: [objectMetric({ ...ingress, apiVersion: 'a/b/c' })] },
      [
        'spec.metrics[0].object.describedObject.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      ],
    ],
  ];
  for (const [what, spec, faults] of cases) {
    it(`finds ${faults.length} faults in ${what}`, () => {
      assert.deepEqual(texts(validateCreate(fact, autoscaler(spec))), faults);
    });
  }
});

describe('validateAutoscalerUpdate()', () => {
  const broken = autoscaler({
    minReplicas: 0,
    scaleTargetRef: { ...target, apiVersion: 'v1' },
    metrics: [objectMetric({ ...ingress, apiVersion: 'a/b/c' })],
  });

  it('tolerates what was so before', () => {
    const next = changed(broken, (copy) => {
      copy['spec'].maxReplicas = 7;
    });
    assert.deepEqual(texts(validateUpdate(fact, next, broken)), []);
  });

  it('does not tolerate another target of the same kind of fault', () => {
    const next = changed(broken, (copy) => {
      copy['spec'].scaleTargetRef.kind = 'StatefulSet';
      copy['spec'].minReplicas = -1;
    });
    assert.deepEqual(texts(validateUpdate(fact, next, broken)), [
      'spec.minReplicas: Invalid value: -1: must be greater than or equal to 0',
      `spec.scaleTargetRef.apiVersion: Invalid value: "v1": ${ungrouped}`,
    ]);
  });
});
