import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCertificateRequest, generateKey } from '@coxswain/pki';
import type { Attributes, Authorizer } from '../contract.ts';
import { MemoryReader } from '../memory-reader.ts';
import { certificateApproval, certificateSubjectRestriction } from './certificates.ts';
import { DefaultStorageClass } from './default-storage-class.ts';
import { PersistentVolumeClaimResize } from './persistent-volume-claim-resize.ts';
import { RuntimeClass } from './runtime-class.ts';
import { storageObjectInUseProtection } from './storage-object-in-use-protection.ts';
import { run } from './testing.ts';

const claims = { resource: 'persistentvolumeclaims', kind: 'PersistentVolumeClaim' } as const;

test('DefaultStorageClass gives claims without a class the newest default one', async () => {
  const reader = new MemoryReader();
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
  for (const [name, creationTimestamp] of [
    ['a', '2026-01-01T00:00:00Z'],
    ['b', '2026-01-02T00:00:00Z'],
  ] as const) {
    reader.put('storageclasses.storage.k8s.io', { metadata: { name, creationTimestamp, annotations } });
  }
  const claim = { metadata: { name: 'c' }, spec: {} as Record<string, string> };
  await run(new DefaultStorageClass(reader), { ...claims, object: claim });
  assert.equal(claim.spec['storageClassName'], 'b');
  const none = { metadata: { name: 'c' }, spec: { storageClassName: '' } };
  await run(new DefaultStorageClass(reader), { ...claims, object: none });
  assert.equal(none.spec.storageClassName, '');
});

test('StorageObjectInUseProtection adds its finalizer once', async () => {
  const claim: { metadata: { name: string; finalizers?: string[] } } = { metadata: { name: 'c' } };
  await run(storageObjectInUseProtection, { ...claims, object: claim });
  await run(storageObjectInUseProtection, { ...claims, object: claim });
  assert.deepEqual(claim.metadata.finalizers, ['kubernetes.io/pvc-protection']);
});

test('PersistentVolumeClaimResize lets bound claims of growing classes grow', async () => {
  const reader = new MemoryReader();
  reader.put('storageclasses.storage.k8s.io', { metadata: { name: 'grow' }, allowVolumeExpansion: true });
  const plugin = new PersistentVolumeClaimResize(reader);
  const claim = (storage: string, storageClassName: string, phase = 'Bound') => ({
    metadata: { name: 'c' },
    spec: { storageClassName, resources: { requests: { storage } } },
    status: { phase },
  });
  const resize = (name: string, phase?: string) =>
    run(plugin, {
      ...claims,
      operation: 'UPDATE',
      object: claim('2Gi', name, phase),
      oldObject: claim('1Gi', name, phase),
    });
  assert.equal(await resize('grow'), '');
  assert.match(await resize('fixed'), /storageclass that provisions the pvc must support resize$/);
  assert.match(await resize('grow', 'Pending'), /Only bound persistent volume claims can be expanded$/);
});

test('RuntimeClass gives pods its overhead and refuses unknown classes', async () => {
  const reader = new MemoryReader();
  reader.put('runtimeclasses.node.k8s.io', {
    metadata: { name: 'vm' },
    overhead: { podFixed: { cpu: '250m' } },
    scheduling: { nodeSelector: { vm: 'yes' } },
  });
  const plugin = new RuntimeClass(reader);
  const pod = { metadata: { name: 'p' }, spec: { runtimeClassName: 'vm' } as Record<string, unknown> };
  assert.equal(await run(plugin, { object: pod }), '');
  assert.deepEqual(pod.spec['overhead'], { cpu: '250m' });
  assert.deepEqual(pod.spec['nodeSelector'], { vm: 'yes' });
  assert.equal(
    await run(plugin, { object: { metadata: { name: 'p' }, spec: { runtimeClassName: 'x' } } }),
    'pods "p" is forbidden: pod rejected: RuntimeClass "x" not found',
  );
});

test('CertificateApproval asks whether the user may approve for the signer', async () => {
  const asked: string[] = [];
  const authorizer: Authorizer = {
    authorize: ({ verb, resource, name }: Attributes) => {
      asked.push(`${verb} ${resource} ${name}`);
      return { decision: 'no-opinion', reason: '' };
    },
  };
  const csr = { metadata: { name: 'c' }, spec: { signerName: 'example.com/serving' } };
  assert.equal(
    await run(certificateApproval(authorizer), {
      operation: 'UPDATE',
      resource: 'certificatesigningrequests.certificates.k8s.io',
      subresource: 'approval',
      object: csr,
      oldObject: csr,
    }),
    'certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to approve requests with signerName "example.com/serving"',
  );
  assert.deepEqual(asked, ['approve signers example.com/serving', 'approve signers example.com/*']);
});

test('CertificateSubjectRestriction refuses clients that would be masters', async () => {
  const subject = { commonName: 'x', organizations: ['system:masters'] };
  const request = Buffer.from(createCertificateRequest(generateKey(), subject)).toString('base64');
  const ask = (signerName: string) =>
    run(certificateSubjectRestriction, {
      resource: 'certificatesigningrequests.certificates.k8s.io',
      object: { metadata: { name: 'c' }, spec: { signerName, request } },
    });
  assert.match(
    await ask('kubernetes.io/kube-apiserver-client'),
    /use of kubernetes.io\/kube-apiserver-client signer with system:masters group is not allowed$/,
  );
  assert.equal(await ask('example.com/serving'), '');
});
