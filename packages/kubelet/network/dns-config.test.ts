import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testPod } from '../testing/fixtures.ts';
import { type NodeDns, parseResolvConf, podDns } from './dns-config.ts';

const node: NodeDns = {
  clusterDns: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
  host: { servers: ['192.0.2.53'], searches: ['example.com'], options: ['timeout:1'] },
};
const cluster = {
  servers: ['10.96.0.10'],
  searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'example.com'],
  options: ['ndots:5'],
};

for (const [when, spec, want] of [
  ['the policy is ClusterFirst', { dnsPolicy: 'ClusterFirst' }, cluster],
  [
    'the policy is ClusterFirst in the host network',
    { dnsPolicy: 'ClusterFirst', hostNetwork: true },
    node.host,
  ],
  [
    'the policy is ClusterFirstWithHostNet',
    { dnsPolicy: 'ClusterFirstWithHostNet', hostNetwork: true },
    cluster,
  ],
  ['the policy is Default', { dnsPolicy: 'Default' }, node.host],
  [
    'the policy is None',
    {
      dnsPolicy: 'None',
      dnsConfig: {
        nameservers: ['192.0.2.1'],
        searches: ['a.test'],
        options: [{ name: 'ndots', value: '2' }],
      },
    },
    { servers: ['192.0.2.1'], searches: ['a.test'], options: ['ndots:2'] },
  ],
  [
    'the pod adds to its policy',
    {
      dnsPolicy: 'ClusterFirst',
      dnsConfig: { searches: ['a.test'], options: [{ name: 'ndots', value: '1' }, { name: 'edns0' }] },
    },
    { ...cluster, searches: [...cluster.searches, 'a.test'], options: ['ndots:1', 'edns0'] },
  ],
] as const) {
  test(`podDns() gives ${want.servers} when ${when}`, () => {
    assert.deepEqual(podDns(testPod(structuredClone(spec) as object), node), want);
  });
}

test('parseResolvConf() reads servers, the last search list and all options', () => {
  const text =
    '# comment\nnameserver 192.0.2.1\nsearch old.test\nsearch a.test b.test.\noptions ndots:2\noptions rotate\n';
  assert.deepEqual(parseResolvConf(text), {
    servers: ['192.0.2.1'],
    searches: ['a.test', 'b.test'],
    options: ['ndots:2', 'rotate'],
  });
});
