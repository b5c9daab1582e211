import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { prepareForCreate, prepareForStatusUpdate, prepareForUpdate } from './strategy.ts';
import { changed, created, factOf } from './test-objects.ts';

const later = '2026-01-01T00:01:00Z';

function updated(old: KubeObject, change: (copy: KubeObject) => void): KubeObject {
  const next = changed(old, change);
  prepareForUpdate(factOf(old.apiVersion, old.kind), next, old, { now: later });
  return next;
}

describe('prepareForUpdate()', () => {
  it('counts the labels of an endpoint slice', () => {
    const old = created('discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'IPv4', endpoints: [] });
    const next = updated(old, (copy) => {
      copy.metadata.labels = { a: 'b' };
    });
    assert.equal(next.metadata.generation, 2);
    assert.equal(updated(old, () => {}).metadata.generation, 1);
  });

  it('does not count changes of a priority class', () => {
    const old = created('scheduling.k8s.io/v1', 'PriorityClass', { value: 1 });
    const next = updated(old, (copy) => {
      copy['description'] = 'for tests';
    });
    assert.equal(next.metadata.generation, 1);
  });
});

describe('prepareForStatusUpdate() of a persistent volume', () => {
  const old = created('v1', 'PersistentVolume', { spec: {} });
  const became = (status: object): KubeObject => {
    const next = changed(old, (copy) => {
      copy['status'] = status;
    });
    prepareForStatusUpdate(factOf('v1', 'PersistentVolume'), next, old, { now: later });
    return next;
  };

  it('tells when the phase changed', () => {
    assert.equal(became({ phase: 'Bound' })['status'].lastPhaseTransitionTime, later);
  });

  it('keeps the time while the phase stays', () => {
    const { lastPhaseTransitionTime } = old['status'];
    assert.equal(became({ phase: 'Pending' })['status'].lastPhaseTransitionTime, lastPhaseTransitionTime);
  });
});

describe('prepareForCreate() of an autoscaler', () => {
  it('adds the metric that those without any have, whatever version they came in', () => {
    const scaler = created('autoscaling/v2', 'HorizontalPodAutoscaler', { spec: { maxReplicas: 2 } });
    delete scaler['spec'].metrics;
    prepareForCreate(factOf('autoscaling/v2', 'HorizontalPodAutoscaler'), scaler, { now: later });
    assert.equal(scaler['spec'].metrics[0].resource.target.averageUtilization, 80);
  });
});
