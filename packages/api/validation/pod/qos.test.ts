import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../values.ts';
import { computePodQOS } from './qos.ts';

const full = { cpu: '1', memory: '1Gi' };

function pod(...resources: Json[]): Json {
  return { spec: { containers: resources.map((r) => ({ resources: r })) } };
}

describe('computePodQOS()', () => {
  it('is BestEffort when nothing is asked for', () => {
    assert.equal(computePodQOS(pod({}, { requests: { 'example.com/gpu': '1' } })), 'BestEffort');
    assert.equal(computePodQOS(pod({ requests: { cpu: '0' } })), 'BestEffort');
  });

  it('is Guaranteed when all limits are there and equal the requests', () => {
    assert.equal(computePodQOS(pod({ limits: full, requests: full })), 'Guaranteed');
    assert.equal(
      computePodQOS(pod({ limits: full, requests: { cpu: '1000m', memory: '1Gi' } })),
      'Guaranteed',
    );
  });

  it('is Burstable for everything between', () => {
    assert.equal(computePodQOS(pod({ requests: full })), 'Burstable');
    assert.equal(computePodQOS(pod({ limits: full, requests: full }, {})), 'Burstable');
    assert.equal(computePodQOS(pod({ limits: full, requests: { cpu: '1', memory: '1Mi' } })), 'Burstable');
  });

  it('goes by the resources of the pod as a whole when it has some', () => {
    const object = pod({});
    object['spec'].resources = { limits: full, requests: full };
    assert.equal(computePodQOS(object), 'Guaranteed');
  });
});
