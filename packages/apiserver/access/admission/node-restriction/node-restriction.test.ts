import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCertificateRequest, generateKey } from '@coxswain/pki';
import type { Authorizer } from '../../contract.ts';
import { MemoryReader } from '../../memory-reader.ts';
import { type LooseAttributes, run } from '../testing.ts';
import { NodeRestriction } from './node-restriction.ts';

const user = { name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] };
const refuseAll: Authorizer = { authorize: () => ({ decision: 'no-opinion', reason: '' }) };

function plugin(): { reader: MemoryReader; ask: (loose: LooseAttributes) => Promise<string> } {
  const reader = new MemoryReader();
  const restriction = new NodeRestriction(reader, refuseAll);
  return { reader, ask: (loose) => run(restriction, { user, ...loose }) };
}

describe('NodeRestriction', () => {
  test('holds a kubelet to its own node and harmless labels', async () => {
    const { ask } = plugin();
    const node = (name: string, labels: Record<string, string>, taints: unknown[] = []) => ({
      metadata: { name, labels },
      spec: { taints },
    });
    const of = { resource: 'nodes', kind: 'Node', namespace: '' };
    assert.equal(await ask({ ...of, object: node('n1', { 'kubernetes.io/hostname': 'n1', mine: 'x' }) }), '');
    assert.equal(
      await ask({ ...of, object: node('n2', {}) }),
      'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
    );
    assert.equal(
      await ask({
        ...of,
        object: node('n1', { 'node-role.kubernetes.io/control-plane': '', 'x.k8s.io/y': '' }),
      }),
      'nodes "n1" is forbidden: node "n1" is not allowed to set the following labels: node-role.kubernetes.io/control-plane, x.k8s.io/y',
    );
    const update = { ...of, operation: 'UPDATE', name: 'n1', oldObject: node('n1', {}) } as const;
    assert.equal(
      await ask({ ...update, object: node('n1', {}, [{ key: 'a', effect: 'NoSchedule' }]) }),
      'nodes "n1" is forbidden: node "n1" is not allowed to modify taints',
    );
  });

  test('lets a kubelet create mirror pods of its own alone', async () => {
    const { ask, reader } = plugin();
    reader.put('nodes', { metadata: { name: 'n1', uid: 'n-1' } });
    const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'n-1', controller: true };
    const annotations = { 'kubernetes.io/config.mirror': 'hash' };
    const pod = { metadata: { name: 'p', annotations, ownerReferences: [owner] }, spec: { nodeName: 'n1' } };
    assert.equal(await ask({ object: pod }), '');
    assert.equal(
      await ask({ object: { ...pod, metadata: { name: 'p' } } }),
      'pods "p" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
    );
    assert.equal(
      await ask({ object: { ...pod, spec: { nodeName: 'n2' } } }),
      'pods "p" is forbidden: node "n1" can only create pods with spec.nodeName set to itself',
    );
  });

  test('lets a kubelet ask for tokens of its pods and their audiences', async () => {
    const { ask, reader } = plugin();
    const sources = [
      { serviceAccountToken: { path: 'token' } },
      { serviceAccountToken: { audience: 'vault' } },
    ];
    reader.put('pods', {
      metadata: { name: 'p', namespace: 'ns', uid: 'p-1' },
      spec: { nodeName: 'n1', volumes: [{ name: 'v', projected: { sources } }] },
    });
    const token = (uid: string, audiences?: string[]) =>
      ask({
        resource: 'serviceaccounts',
        subresource: 'token',
        name: 's',
        object: {
          metadata: {},
          spec: { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p', uid }, audiences },
        },
      });
    assert.equal(await token('p-1'), '');
    assert.equal(await token('p-1', ['vault']), '');
    assert.equal(
      await token(''),
      'serviceaccounts "s" is forbidden: node requested token with a pod binding without a uid',
    );
    assert.equal(
      await token('p-1', ['other']),
      'serviceaccounts "s" is forbidden: audience "other" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience',
    );
  });

  test('lets a kubelet ask for certificates in its own name alone', async () => {
    const { ask } = plugin();
    const request = (commonName: string, signerName = 'kubernetes.io/kubelet-serving') =>
      ask({
        resource: 'certificatesigningrequests.certificates.k8s.io',
        kind: 'CertificateSigningRequest',
        namespace: '',
        object: {
          metadata: { name: 'c' },
          spec: { signerName, request: Buffer.from(csr(commonName)).toString('base64') },
        },
      });
    const csr = (commonName: string) =>
      createCertificateRequest(generateKey(), { commonName, organizations: ['system:nodes'] });
    assert.equal(await request('system:node:n1'), '');
    assert.equal(await request('system:node:n2', 'example.com/own'), '');
    assert.equal(
      await request('system:node:n2'),
      'certificatesigningrequests.certificates.k8s.io "c" is forbidden: can only create a node CSR with CN=system:node:n1',
    );
  });

  test('leaves other users alone', async () => {
    const { ask } = plugin();
    const someone = { name: 'x', groups: [] };
    assert.equal(await ask({ resource: 'nodes', user: someone, object: { metadata: { name: 'n9' } } }), '');
  });
});
