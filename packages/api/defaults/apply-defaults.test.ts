import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { allResources } from '../facts.ts';
import { factOf } from '../strategy/test-objects.ts';
import type { Json } from '../validation/values.ts';
import { applyDefaults } from './apply-defaults.ts';

function defaulted(apiVersion: string, kind: string, members: Json): KubeObject {
  const object: KubeObject = { apiVersion, kind, metadata: { name: 'x' }, ...members };
  applyDefaults(object, factOf(apiVersion, kind));
  return object;
}

describe('applyDefaults()', () => {
  it('takes what the schema says', () => {
    const service = defaulted('v1', 'Service', { spec: { ports: [{ port: 80 }] } });
    assert.deepEqual(service['spec'].ports, [{ port: 80, protocol: 'TCP', targetPort: 80 }]);
  });

  it('asks for what is the limit when a pod says no more', () => {
    const limits = { cpu: '1', memory: '1Gi' };
    const containers = [{ name: 'c', image: 'i', resources: { limits, requests: { cpu: '500m' } } }];
    const pod = defaulted('v1', 'Pod', { spec: { containers } });
    assert.deepEqual(pod['spec'].containers[0].resources.requests, { cpu: '500m', memory: '1Gi' });
  });

  it('completes resources of a pod as a whole from its containers', () => {
    const containers = ['a', 'b'].map((name) => ({
      name,
      image: 'i',
      resources: { requests: { cpu: '100m' } },
    }));
    const spec = { containers, resources: { limits: { cpu: '1', memory: '1Gi' } } };
    const pod = defaulted('v1', 'Pod', { spec });
    assert.deepEqual(pod['spec'].resources.requests, { cpu: '200m', memory: '1Gi' });
  });

  it('makes data of a secret from its texts', () => {
    const secret = defaulted('v1', 'Secret', { stringData: { a: 'ä' } });
    assert.deepEqual(secret['data'], { a: 'w6Q=' });
    assert.equal(secret['stringData'], undefined);
    assert.equal(secret['type'], 'Opaque');
  });

  it('keeps the address and the list of addresses the same', () => {
    const status = { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.2' }] };
    const pod = defaulted('v1', 'Pod', { spec: { containers: [] }, status });
    assert.deepEqual(pod['status'].podIPs, [{ ip: '10.0.0.1' }]);
  });

  it('changes nothing when applied again, for every kind', () => {
    for (const fact of allResources()) {
      const apiVersion = fact.group === '' ? fact.version : `${fact.group}/${fact.version}`;
      const object: KubeObject = { apiVersion, kind: fact.kind, metadata: { name: 'x' } };
      applyDefaults(object, fact);
      const once = structuredClone(object);
      applyDefaults(object, fact);
      assert.deepEqual(object, once, `${apiVersion} ${fact.kind}`);
    }
  });
});
