import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import type { Json } from '../validation/values.ts';
import {
  prepareForStatusUpdate,
  prepareForUpdate,
  validateCreate,
  validateStatusUpdate,
  validateUpdate,
} from './strategy.ts';
import { changed, container, created, factOf, now, texts } from './test-objects.ts';

const labels = { app: 'a' };
const template = { metadata: { labels }, spec: { containers: [container] } };
const selector = { matchLabels: labels };

function workload(kind: string, spec: Json = {}): KubeObject {
  return created('apps/v1', kind, { spec: { selector, template: structuredClone(template), ...spec } });
}

function update(old: KubeObject, change: (copy: KubeObject) => void): { next: KubeObject; errors: string[] } {
  const fact = factOf(old.apiVersion, old.kind);
  const next = changed(old, change);
  prepareForUpdate(fact, next, old, { now });
  return { next, errors: texts(validateUpdate(fact, next, old)) };
}

describe('workloads', () => {
  for (const kind of ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet']) {
    it(`${kind} is valid with a selector and a template`, () => {
      assert.deepEqual(texts(validateCreate(factOf('apps/v1', kind), workload(kind))), []);
    });

    it(`${kind} counts changes of its spec, not of its labels`, () => {
      const old = workload(kind);
      const spec = update(old, (copy) => {
        copy['spec'].minReadySeconds = 5;
      });
      assert.equal(spec.next.metadata.generation, 2);
      const meta = update(old, (copy) => {
        copy.metadata.labels = { z: 'z' };
      });
      assert.equal(meta.next.metadata.generation, 1);
    });

    it(`${kind} runs for good`, () => {
      const spec = structuredClone(template);
      Object.assign(spec.spec, { restartPolicy: 'Never' });
      const errors = texts(validateCreate(factOf('apps/v1', kind), workload(kind, { template: spec })));
      assert.deepEqual(errors, [
        'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
      ]);
    });
  }

  it('a Deployment counts changes of its annotations', () => {
    const { next } = update(workload('Deployment'), (copy) => {
      copy.metadata.annotations = { a: 'b' };
    });
    assert.equal(next.metadata.generation, 2);
  });

  it('a DaemonSet counts generations of its template', () => {
    const old = workload('DaemonSet');
    const key = 'deprecated.daemonset.template.generation';
    assert.equal(old.metadata.annotations?.[key], '1');
    const { next, errors } = update(old, (copy) => {
      copy['spec'].template.spec.containers[0].image = 'i:2';
    });
    assert.deepEqual(errors, []);
    assert.equal(next.metadata.annotations?.[key], '2');
  });

  it('a DaemonSet may surge or be short, not both', () => {
    const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } };
    const object = workload('DaemonSet', { updateStrategy: rolling });
    assert.deepEqual(texts(validateCreate(factOf('apps/v1', 'DaemonSet'), object)), [
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
    ]);
  });

  it('a status counts no more than there is', () => {
    const old = workload('ReplicaSet');
    const fact = factOf('apps/v1', 'ReplicaSet');
    const next = changed(old, (copy) => {
      copy['spec'].replicas = 9;
      copy['status'] = { replicas: 1, readyReplicas: 2 };
    });
    prepareForStatusUpdate(fact, next, old, { now });
    assert.equal(next['spec'].replicas, 1);
    assert.deepEqual(texts(validateStatusUpdate(fact, next, old)), [
      'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas',
    ]);
  });
});

describe('jobs', () => {
  const spec = { template: { spec: { restartPolicy: 'Never', containers: [container] } } };
  const fact = factOf('batch/v1', 'Job');

  it('select their pods by their own identity', () => {
    const job = created('batch/v1', 'Job', { spec: structuredClone(spec) });
    const uid = job.metadata.uid!;
    assert.deepEqual(job['spec'].selector, { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } });
    assert.equal(job['spec'].template.metadata.labels['job-name'], 'x');
    assert.deepEqual(validateCreate(fact, job), []);
  });

  it('move elsewhere only while suspended', () => {
    for (const suspend of [true, false]) {
      const old = created('batch/v1', 'Job', { spec: { ...structuredClone(spec), suspend } });
      const { errors } = update(old, (copy) => {
        copy['spec'].template.spec.nodeSelector = { a: 'b' };
      });
      assert.equal(errors.length, suspend ? 0 : 1);
    }
  });

  it('end once', () => {
    const old = created('batch/v1', 'Job', { spec: structuredClone(spec) });
    const next = changed(old, (copy) => {
      copy['status'] = { conditions: [{ type: 'Complete', status: 'True' }] };
    });
    assert.deepEqual(texts(validateStatusUpdate(fact, next, old)), [
      'status.completionTime: Required value: completionTime is required for Complete jobs',
      'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
      'status.startTime: Required value: startTime is required for finished job',
    ]);
  });
});
