import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { initIPFamilies } from './ip-families.ts';

const service = (spec: Record<string, unknown>) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's' },
  spec,
});

test('initIPFamilies() gives a plain service the first family of the cluster', () => {
  const made = service({ type: 'ClusterIP' });
  initIPFamilies(made, undefined, ['IPv4']);
  assert.deepEqual(made.spec, { type: 'ClusterIP', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
});

test('initIPFamilies() gives a headless service without a selector both families', () => {
  const made = service({ type: 'ClusterIP', clusterIP: 'None', clusterIPs: ['None'] });
  initIPFamilies(made, undefined, ['IPv4']);
  assert.deepEqual(made.spec['ipFamilies'], ['IPv4', 'IPv6']);
  assert.equal(made.spec['ipFamilyPolicy'], 'RequireDualStack');
});

test('initIPFamilies() adds the second family where one would rather have two and the cluster has them', () => {
  const made = service({ type: 'ClusterIP', ipFamilyPolicy: 'PreferDualStack' });
  initIPFamilies(made, undefined, ['IPv6', 'IPv4']);
  assert.deepEqual(made.spec['ipFamilies'], ['IPv6', 'IPv4']);
});

test('initIPFamilies() refuses what the cluster does not have', () => {
  assert.throws(
    () =>
      initIPFamilies(service({ type: 'ClusterIP', ipFamilyPolicy: 'RequireDualStack' }), undefined, ['IPv4']),
    /this cluster is not configured for dual-stack services/,
  );
  assert.throws(
    () => initIPFamilies(service({ type: 'ClusterIP', ipFamilies: ['IPv6'] }), undefined, ['IPv4']),
    /spec.ipFamilies\[0\]: Invalid value: "IPv6": not configured on this cluster/,
  );
});

describe('initIPFamilies() on one family', () => {
  for (const [title, spec, old, message] of [
    [
      'refuses two addresses under a policy for one',
      { clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1', 'fd00::1'] },
      undefined,
      '[spec.ipFamilyPolicy: Invalid value: "SingleStack": must be \'RequireDualStack\' or \'PreferDualStack\' when multiple cluster IPs are specified, spec.clusterIPs[1]: Invalid value: ["10.0.0.1","fd00::1"]: IPv6 is not configured on this cluster]',
    ],
    [
      'refuses two families under a policy for one',
      { ipFamilies: ['IPv4', 'IPv6'] },
      undefined,
      "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified",
    ],
    [
      'says of an address that its family is not there',
      { clusterIP: 'fd00::1', clusterIPs: ['fd00::1'] },
      undefined,
      'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
    ],
    [
      'tells of malformed fields before all else',
      { clusterIP: 'banana', clusterIPs: ['banana'], ipFamilies: ['IPv5'] },
      undefined,
      '[spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6", spec.clusterIPs[0]: Invalid value: "banana": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)]',
    ],
    [
      'wants the policy changed with the second family',
      {
        clusterIP: '10.0.0.1',
        clusterIPs: ['10.0.0.1'],
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'RequireDualStack',
      },
      {
        type: 'ClusterIP',
        clusterIPs: ['10.0.0.1', 'fd00::1'],
        ipFamilies: ['IPv4', 'IPv6'],
        ipFamilyPolicy: 'RequireDualStack',
      },
      '[spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be \'SingleStack\' to release the secondary cluster IP, spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be \'SingleStack\' to release the secondary IP family]',
    ],
  ] as const) {
    it(title, () => {
      const made = service({ type: 'ClusterIP', ...structuredClone(spec) });
      const before = old === undefined ? undefined : service(structuredClone(old));
      assert.throws(
        () => initIPFamilies(made, before, ['IPv4']),
        (error: Error) => {
          assert.equal(error.message, `Service "s" is invalid: ${message}`);
          return true;
        },
      );
    });
  }
});

describe('initIPFamilies() on an update', () => {
  const dual = {
    type: 'ClusterIP',
    clusterIP: '10.0.0.1',
    clusterIPs: ['10.0.0.1', 'fd00::1'],
    ipFamilies: ['IPv4', 'IPv6'],
  };

  it('releases the second family when only the policy says so', () => {
    const made = service({ ...structuredClone(dual), ipFamilyPolicy: 'SingleStack' });
    initIPFamilies(made, service({ ...dual, ipFamilyPolicy: 'RequireDualStack' }), ['IPv4', 'IPv6']);
    assert.deepEqual(made.spec['clusterIPs'], ['10.0.0.1']);
    assert.deepEqual(made.spec['ipFamilies'], ['IPv4']);
  });

  it('leaves a service alone that would rather have two, whatever the cluster has now', () => {
    const single = { type: 'ClusterIP', clusterIPs: ['10.0.0.1'], ipFamilies: ['IPv4'] };
    const made = service({ ...single, ipFamilyPolicy: 'PreferDualStack' });
    initIPFamilies(made, service({ ...single, ipFamilyPolicy: 'PreferDualStack' }), ['IPv4', 'IPv6']);
    assert.deepEqual(made.spec['ipFamilies'], ['IPv4']);
  });

  it('keeps the policy that an update leaves out', () => {
    const made = service(structuredClone(dual));
    initIPFamilies(made, service({ ...dual, ipFamilyPolicy: 'RequireDualStack' }), ['IPv4', 'IPv6']);
    assert.equal(made.spec['ipFamilyPolicy'], 'RequireDualStack');
  });
});
