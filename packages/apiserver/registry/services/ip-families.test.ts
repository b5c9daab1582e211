import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initIPFamilies } from './ip-families.ts';

const service = (spec: Record<string, unknown>) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's' },
  spec,
});

test('initIPFamilies() gives a plain service the first family of the cluster', () => {
  const made = service({ type: 'ClusterIP' });
  initIPFamilies(made, ['IPv4']);
  assert.deepEqual(made.spec, { type: 'ClusterIP', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
});

test('initIPFamilies() gives a headless service without a selector both families', () => {
  const made = service({ type: 'ClusterIP', clusterIPs: ['None'] });
  initIPFamilies(made, ['IPv4']);
  assert.deepEqual(made.spec['ipFamilies'], ['IPv4', 'IPv6']);
  assert.equal(made.spec['ipFamilyPolicy'], 'RequireDualStack');
});

test('initIPFamilies() adds the second family where one would rather have two and the cluster has them', () => {
  const made = service({ type: 'ClusterIP', ipFamilyPolicy: 'PreferDualStack' });
  initIPFamilies(made, ['IPv6', 'IPv4']);
  assert.deepEqual(made.spec['ipFamilies'], ['IPv6', 'IPv4']);
});

test('initIPFamilies() refuses what the cluster does not have', () => {
  assert.throws(
    () => initIPFamilies(service({ type: 'ClusterIP', ipFamilyPolicy: 'RequireDualStack' }), ['IPv4']),
    /this cluster is not configured for dual-stack services/,
  );
  assert.throws(
    () => initIPFamilies(service({ type: 'ClusterIP', ipFamilies: ['IPv6'] }), ['IPv4']),
    /spec.ipFamilies\[0\]: Invalid value: "IPv6": not configured on this cluster/,
  );
});
