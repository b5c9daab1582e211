import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Json } from '../values.ts';
import {
  dropServiceFields,
  isExternallyAccessible,
  normalizeClusterIPs,
  patchAllocatedValues,
} from './service-fields.ts';

const allocated: Json = {
  type: 'NodePort',
  clusterIP: '10.0.0.1',
  clusterIPs: ['10.0.0.1'],
  ports: [{ port: 80, protocol: 'TCP', nodePort: 30080 }],
  externalTrafficPolicy: 'Cluster',
};

describe('normalizeClusterIPs()', () => {
  for (const [title, spec, old, want] of [
    ['fills the list of a new service', { clusterIP: 'None' }, undefined, ['None']],
    [
      'drops the list when the single one was cleared',
      { clusterIP: '', clusterIPs: ['a'] },
      { clusterIP: 'a', clusterIPs: ['a'] },
      undefined,
    ],
    [
      'follows a changed single one',
      { clusterIP: 'b', clusterIPs: ['a'] },
      { clusterIP: 'a', clusterIPs: ['a'] },
      ['b'],
    ],
    [
      'leaves a changed list to validation',
      { clusterIP: 'a', clusterIPs: ['b'] },
      { clusterIP: 'a', clusterIPs: ['a'] },
      ['b'],
    ],
  ] as const) {
    it(title, () => {
      const copy: Json = { ...spec };
      normalizeClusterIPs(copy, old);
      assert.deepEqual(copy['clusterIPs'], want);
    });
  }
});

describe('patchAllocatedValues()', () => {
  it('keeps address and node ports that an update leaves out', () => {
    const spec: Json = { type: 'NodePort', ports: [{ port: 80, protocol: 'TCP' }] };
    patchAllocatedValues(spec, allocated);
    assert.equal(spec['clusterIP'], '10.0.0.1');
    assert.deepEqual(spec['clusterIPs'], ['10.0.0.1']);
    assert.equal(spec['ports'][0].nodePort, 30080);
  });

  it('knows ports by their names', () => {
    const old: Json = {
      type: 'LoadBalancer',
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', nodePort: 30053 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', nodePort: 30053 },
        { name: 'gone', port: 54, protocol: 'TCP', nodePort: 30054 },
      ],
    };
    const ports = [
      { name: 'dns', port: 5353, protocol: 'UDP' },
      { name: 'dns-tcp', port: 5353, protocol: 'TCP' },
      { name: 'other', port: 54, protocol: 'TCP' },
    ];
    const spec: Json = { type: 'NodePort', ports };
    patchAllocatedValues(spec, old);
    assert.deepEqual(
      spec['ports'].map((port: Json) => port['nodePort']),
      [30053, 30053, undefined],
    );
  });

  it('does not give a node port twice', () => {
    const ports = [
      { name: 'new', port: 81, protocol: 'TCP', nodePort: 30080 },
      { port: 80, protocol: 'TCP' },
    ];
    const spec: Json = { type: 'NodePort', ports };
    patchAllocatedValues(spec, allocated);
    assert.equal(spec['ports'][1].nodePort, undefined);
  });
});

describe('dropServiceFields()', () => {
  it('frees node ports and the policy when the service turns inwards', () => {
    const spec: Json = { ...structuredClone(allocated), type: 'ClusterIP' };
    dropServiceFields(spec, allocated);
    assert.deepEqual(spec['ports'], [{ port: 80, protocol: 'TCP' }]);
    assert.equal(spec['externalTrafficPolicy'], undefined);
    assert.equal(spec['clusterIP'], '10.0.0.1');
  });

  it('frees the address when the service becomes a name', () => {
    const spec: Json = { ...structuredClone(allocated), type: 'ExternalName' };
    dropServiceFields(spec, allocated);
    assert.equal(spec['clusterIP'], undefined);
    assert.equal(spec['clusterIPs'], undefined);
  });

  it('frees node ports also when one of them goes with the type, but keeps them where a balancer has its own', () => {
    const two: Json = { ...structuredClone(allocated) };
    two['ports'].push({ port: 81, protocol: 'TCP', nodePort: 30081 });
    const inward: Json = { ...structuredClone(allocated), type: 'ClusterIP' };
    dropServiceFields(inward, two);
    assert.equal(inward['ports'][0].nodePort, undefined);
    const balanced: Json = {
      ...structuredClone(allocated),
      type: 'LoadBalancer',
      allocateLoadBalancerNodePorts: false,
    };
    dropServiceFields(balanced, allocated);
    assert.equal(balanced['ports'][0].nodePort, 30080);
  });

  it('leaves what the caller changed for validation to refuse', () => {
    const spec: Json = { ...structuredClone(allocated), type: 'ExternalName', clusterIP: '10.0.0.2' };
    dropServiceFields(spec, allocated);
    assert.equal(spec['clusterIP'], '10.0.0.2');
  });
});

describe('isExternallyAccessible()', () => {
  it('counts external addresses of a cluster service', () => {
    assert.equal(isExternallyAccessible({ type: 'ClusterIP' }), false);
    assert.equal(isExternallyAccessible({ type: 'ClusterIP', externalIPs: ['192.0.2.1'] }), true);
    assert.equal(isExternallyAccessible({ type: 'LoadBalancer' }), true);
  });
});
