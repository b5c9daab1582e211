import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCertificateRequest, generateKey } from '@coxswain/pki';
import type { Suite } from '../support/suite.ts';

const certificates = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

export function reviews({ api, namespace }: Suite): void {
  test('SubjectReview should support SubjectReview API operations', async () => {
    const ns = await namespace('subjectreview');
    const attributes = { namespace: ns, verb: 'list', group: '', resource: 'configmaps', version: 'v1' };
    const user = `system:serviceaccount:${ns}:default`;
    const ask = async (path: string, kind: string, spec: object, parts: object = {}): Promise<any> => {
      const body = { apiVersion: 'authorization.k8s.io/v1', kind, ...parts, spec };
      return (await api.create(`/apis/authorization.k8s.io/v1/${path}`, body)).status;
    };
    const subject = { user, resourceAttributes: attributes };
    const local = `namespaces/${ns}/localsubjectaccessreviews`;
    assert.equal((await ask('subjectaccessreviews', 'SubjectAccessReview', subject)).allowed, false);
    assert.equal(
      (await ask(local, 'LocalSubjectAccessReview', subject, { metadata: { namespace: ns } })).allowed,
      false,
    );
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'viewer' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: ns }],
    };
    await api.create(`/apis/rbac.authorization.k8s.io/v1/namespaces/${ns}/rolebindings`, binding);
    await api.until(
      'the binding is in force',
      `/apis/rbac.authorization.k8s.io/v1/namespaces/${ns}/rolebindings/viewer`,
      async () => (await ask('subjectaccessreviews', 'SubjectAccessReview', subject)).allowed,
    );
    assert.equal((await ask(local, 'LocalSubjectAccessReview', subject)).allowed, true);
    const own = await ask('selfsubjectaccessreviews', 'SelfSubjectAccessReview', {
      resourceAttributes: attributes,
    });
    assert.equal(own.allowed, true);
  });

  test('Certificates API [Privileged:ClusterAdmin] should support CSR API operations', async () => {
    const { groups } = await api.get('/apis');
    assert.ok(groups.some(({ name }: any) => name === 'certificates.k8s.io'));
    const { resources } = await api.get('/apis/certificates.k8s.io/v1');
    for (const name of ['', '/approval', '/status']) {
      assert.ok(resources.some((r: any) => r.name === `certificatesigningrequests${name}`));
    }
    const signerName = 'example.com/e2e-csr';
    const body = {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { generateName: 'e2e-example-csr-' },
      spec: {
        request: Buffer.from(createCertificateRequest(generateKey(), { commonName: 'e2e-test' })).toString(
          'base64',
        ),
        signerName,
        expirationSeconds: 3600,
        usages: ['digital signature', 'key encipherment', 'server auth'],
      },
    };
    const log = await api.watch(certificates, { fieldSelector: `spec.signerName=${signerName}` });
    const made = [await api.create(certificates, body)];
    for (let more = 0; more < 2; more++) made.push(await api.create(certificates, body));
    const names = made.map(({ metadata }) => metadata.name);
    const path = `${certificates}/${names[0]}`;
    assert.equal((await api.get(path)).metadata.uid, made[0].metadata.uid);
    const listed = await api.get(`${certificates}?fieldSelector=spec.signerName%3D${signerName}`);
    assert.equal(listed.items.length, 3);
    await log.next('ADDED', ({ type }) => type === 'ADDED');
    await api.patch(path, { metadata: { annotations: { patched: 'true' } } });
    await api.change(path, (object) => {
      object.metadata.annotations.updated = 'true';
    });
    await log.next('the update', ({ object }) => object.metadata.annotations?.updated === 'true');

    const condition = (type: string): object => ({ type, status: 'True', reason: 'e2e' });
    const approved = await api.patch(`${path}/approval`, {
      metadata: { annotations: { patchedapproval: 'true' } },
      status: { conditions: [condition('ApprovalPatch')] },
    });
    assert.equal(approved.status.conditions[0].type, 'ApprovalPatch');
    assert.equal(approved.metadata.annotations.patchedapproval, 'true');
    const again = await api.change(`${path}/approval`, (object) => {
      object.status.conditions.push({
        type: 'Approved',
        status: 'True',
        reason: 'E2E',
        message: 'Set by the test',
      });
    });
    assert.equal(again.status.conditions.length, 2);
    assert.equal((await api.get(`${path}/status`)).metadata.uid, made[0].metadata.uid);
    const status = await api.change(`${path}/status`, (object) => {
      object.status.conditions.push(condition('StatusUpdate'));
    });
    assert.equal(status.status.conditions.length, 3);
    const patched = await api.patch(`${path}/status`, {
      metadata: { annotations: { patchedstatus: 'true' } },
      status: { conditions: [...status.status.conditions, condition('StatusPatch')] },
    });
    assert.equal(patched.status.conditions.length, 4);

    await api.delete(path);
    assert.equal((await api.call('GET', path)).status, 404);
    await api.delete(`${certificates}?fieldSelector=spec.signerName%3D${signerName}`);
    const left = await api.get(`${certificates}?fieldSelector=spec.signerName%3D${signerName}`);
    assert.equal(left.items.length, 0);
    log.close();
  });
}
