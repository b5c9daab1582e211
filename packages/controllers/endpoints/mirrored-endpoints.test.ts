import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mirroredGroups, shouldMirror } from './mirrored-endpoints.ts';

const ports = [{ name: 'http', port: 80, protocol: 'TCP' }];

test('mirroredGroups() parts families and ports, and keeps what is known of an address', () => {
  const groups = mirroredGroups([
    {
      addresses: [{ ip: '10.0.0.1', nodeName: 'a', hostname: 'h' }, { ip: 'fd00::1' }],
      notReadyAddresses: [{ ip: '10.0.0.2' }],
      ports: [{ name: 'http', port: 80 }],
    },
    { addresses: [{ ip: '10.0.0.3' }], ports: [{ port: 53, protocol: 'UDP' }] },
  ]);
  assert.deepEqual(groups, [
    {
      addressType: 'IPv4',
      ports,
      endpoints: [
        { addresses: ['10.0.0.1'], conditions: { ready: true }, hostname: 'h', nodeName: 'a' },
        { addresses: ['10.0.0.2'], conditions: { ready: false } },
      ],
    },
    { addressType: 'IPv6', ports, endpoints: [{ addresses: ['fd00::1'], conditions: { ready: true } }] },
    {
      addressType: 'IPv4',
      ports: [{ name: '', port: 53, protocol: 'UDP' }],
      endpoints: [{ addresses: ['10.0.0.3'], conditions: { ready: true } }],
    },
  ]);
});

test('mirroredGroups() takes a thousand addresses of a subset and no more', () => {
  const addresses = Array.from({ length: 1001 }, (_, i) => ({ ip: `10.0.${i >> 8}.${i & 255}` }));
  assert.equal(mirroredGroups([{ addresses, ports }])[0]?.endpoints.length, 1000);
});

test('shouldMirror() leaves out Endpoints that say no and those of leaders', () => {
  const of = (metadata: object) => shouldMirror({ apiVersion: 'v1', kind: 'Endpoints', metadata });
  assert.equal(of({ name: 'x' }), true);
  assert.equal(of({ labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }), false);
  assert.equal(of({ annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }), false);
});
