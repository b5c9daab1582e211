import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { container, created, factOf, pod } from './test-objects.ts';
import { warningsOnCreate, warningsOnSubresource, warningsOnUpdate } from './warnings.ts';

const fact = factOf('v1', 'Pod');

describe('warningsOnCreate()', () => {
  it('says nothing of an ordinary pod', () => {
    assert.deepEqual(warningsOnCreate(fact, pod()), []);
  });

  it('tells of a name that is no label', () => {
    const [text] = warningsOnCreate(fact, pod({}, { name: 'a.b' }));
    assert.match(
      text!,
      /^metadata\.name: this is used in the Pod's hostname, .*: \[must not contain dots\]$/,
    );
  });

  it('tells of ports that are the same', () => {
    const ports = [{ containerPort: 80 }, { containerPort: 80, hostPort: 80 }, { containerPort: 80 }];
    assert.deepEqual(warningsOnCreate(fact, pod({ containers: [{ ...container, ports }] })), [
      'spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: duplicate port definition with spec.containers[0].ports[0]',
      'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[1]',
    ]);
  });

  it('lets a variable build on its former value', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'A', value: '$(A)2' },
    ];
    assert.deepEqual(warningsOnCreate(fact, pod({ containers: [{ ...container, env }] })), []);
  });

  it('names the place in a template', () => {
    const labels = { app: 'a' };
    const spec = { containers: [container], nodeSelector: { 'beta.kubernetes.io/os': 'linux' } };
    const deployment = created('apps/v1', 'Deployment', {
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    });
    assert.deepEqual(warningsOnCreate(factOf('apps/v1', 'Deployment'), deployment), [
      'spec.template.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
    ]);
  });

  it('tells of addresses that are not canonical', () => {
    const service = created('v1', 'Service', {
      spec: { ports: [{ port: 1 }], externalIPs: ['2001:DB8:0:0::1'] },
    });
    assert.deepEqual(warningsOnCreate(factOf('v1', 'Service'), service), [
      'spec.externalIPs is deprecated',
      'spec.externalIPs[0]: IPv6 address "2001:DB8:0:0::1" should be in RFC 5952 canonical format ("2001:db8::1")',
    ]);
  });

  it('tells of addresses from before there were strict rules', () => {
    const addresses = [{ ip: '010.0.0.1' }, { ip: '10.0.0.1' }];
    const old = { subsets: [{ addresses }, { notReadyAddresses: [{ ip: '::ffff:1.2.3.4' }] }] };
    const endpoints = created('v1', 'Endpoints', old);
    const use = 'will be considered invalid in a future Kubernetes release: use';
    assert.deepEqual(warningsOnUpdate(factOf('v1', 'Endpoints'), endpoints, endpoints), [
      `subsets[0].addresses[0].ip: non-standard IP address "010.0.0.1" ${use} "10.0.0.1"`,
      `subsets[1].notReadyAddresses[0].ip: non-standard IP address "::ffff:1.2.3.4" ${use} "1.2.3.4"`,
    ]);
    const labels = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };
    const managed = created('v1', 'Endpoints', old, { name: 'n', labels });
    assert.deepEqual(warningsOnCreate(factOf('v1', 'Endpoints'), managed), []);
    const service = created('v1', 'Service', { spec: { ports: [{ port: 1 }] } });
    service['status'] = { loadBalancer: { ingress: [{ hostname: 'h' }, { ip: 'FD00::1' }] } };
    assert.deepEqual(warningsOnSubresource(factOf('v1', 'Service'), 'status', service), [
      'status.loadBalancer.ingress[1]: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")',
    ]);
    const ranges = ['10.0.0.1/024', '010.0.0.0/8', '::ffff:10.0.0.0/104'];
    const other = created('v1', 'Service', {
      spec: {
        type: 'LoadBalancer',
        ports: [{ port: 1 }],
        loadBalancerIP: '010.0.0.1',
        loadBalancerSourceRanges: ranges,
      },
    });
    const path = 'spec.loadBalancerSourceRanges';
    assert.deepEqual(warningsOnUpdate(factOf('v1', 'Service'), other, other), [
      `spec.loadBalancerIP: non-standard IP address "010.0.0.1" ${use} "10.0.0.1"`,
      `${path}[0]: CIDR value "10.0.0.1/024" is ambiguous in this context (should be "10.0.0.0/24" or "10.0.0.1/32"?)`,
      `${path}[0]: non-standard CIDR value "10.0.0.1/024" ${use} "10.0.0.0/24"`,
      `${path}[1]: non-standard CIDR value "010.0.0.0/8" ${use} "10.0.0.0/8"`,
      `${path}[2]: non-standard CIDR value "::ffff:10.0.0.0/104" ${use} "10.0.0.0/8"`,
    ]);
  });

  it('tells of slices of names when they are made', () => {
    const fact = factOf('discovery.k8s.io/v1', 'EndpointSlice');
    const slice = created('discovery.k8s.io/v1', 'EndpointSlice', { addressType: 'FQDN', endpoints: [] });
    assert.deepEqual(warningsOnCreate(fact, slice), ['spec.addressType: FQDN endpoints are deprecated']);
    assert.deepEqual(warningsOnUpdate(fact, slice, slice), []);
  });

  it('tells of ranges with bits of hosts', () => {
    const ipBlock = { cidr: '10.1.2.3/8', except: ['2001:db8::0/64'] };
    const policy = created('networking.k8s.io/v1', 'NetworkPolicy', {
      spec: { podSelector: {}, ingress: [{ from: [{ ipBlock }] }] },
    });
    assert.deepEqual(warningsOnCreate(factOf('networking.k8s.io/v1', 'NetworkPolicy'), policy), [
      'spec.ingress[0].from[0].ipBlock.cidr: CIDR value "10.1.2.3/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.1.2.3/32"?)',
      'spec.ingress[0].from[0].ipBlock.except[0]: IPv6 CIDR value "2001:db8::0/64" should be in RFC 5952 canonical format ("2001:db8::/64")',
    ]);
  });

  it('tells of a TLS secret without a certificate', () => {
    const data = { 'tls.crt': 'YQ==', 'tls.key': 'YQ==' };
    const secret = created('v1', 'Secret', { type: 'kubernetes.io/tls', data });
    assert.deepEqual(warningsOnCreate(factOf('v1', 'Secret'), secret), [
      'tls: failed to find any PEM data in certificate input',
    ]);
  });

  it('tells of volumes that are recycled, and of what no longer works', () => {
    const volume = created(
      'v1',
      'PersistentVolume',
      { spec: { rbd: {}, persistentVolumeReclaimPolicy: 'Recycle' } },
      { annotations: { 'volume.beta.kubernetes.io/storage-class': 'a' } },
    );
    assert.deepEqual(warningsOnCreate(factOf('v1', 'PersistentVolume'), volume), [
      'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
      'spec.rbd: deprecated in v1.28, non-functional in v1.31+',
    ]);
  });

  it('tells of claims in templates whose bytes are not whole', () => {
    const labels = { app: 'a' };
    const claim = { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '100m' } } } };
    const set = created('apps/v1', 'StatefulSet', {
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
        volumeClaimTemplates: [{ metadata: { name: 'd' }, ...claim }],
      },
    });
    assert.deepEqual(warningsOnCreate(factOf('apps/v1', 'StatefulSet'), set), [
      'spec.volumeClaimTemplates[0].resources.requests[storage]: fractional byte value "100m" is invalid, must be an integer',
    ]);
  });
});
