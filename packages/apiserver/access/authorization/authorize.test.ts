import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import type { Attributes } from '../contract.ts';
import { ask, bearer, who, world } from '../testing.ts';
import { forbiddenError } from './forbidden.ts';

describe('authorize()', () => {
  test('RBAC allows by bindings of the cluster and the namespace', () => {
    const { access, reader } = world();
    const bob = who(access, bearer('bt'));
    const put = (resource: string, object: Record<string, unknown>) =>
      reader.put(`${resource}.rbac.authorization.k8s.io`, object as KubeObject);
    const list = ask(bob, 'list', 'pods', { namespace: 'ns' });
    assert.deepEqual(access.authorize(list), { decision: 'no-opinion', reason: '' });
    put('rolebindings', {
      metadata: { name: 'b', namespace: 'ns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
      subjects: [{ kind: 'Group', name: 'devs' }],
    });
    assert.deepEqual(access.authorize(list), {
      decision: 'no-opinion',
      reason: 'RBAC: role.rbac.authorization.k8s.io "r" not found',
    });
    put('roles', {
      metadata: { name: 'r', namespace: 'ns' },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
    });
    assert.deepEqual(access.authorize(list), {
      decision: 'allow',
      reason: 'RBAC: allowed by RoleBinding "b/ns" of Role "r" to Group "devs"',
    });
    const watch = ask(bob, 'watch', 'pods', { namespace: 'ns' });
    const decision = access.authorize(watch) as { reason: string };
    assert.equal(
      forbiddenError(watch, decision.reason).message,
      'pods is forbidden: User "bob" cannot watch resource "pods" in API group "" in the namespace "ns"',
    );
    reader.delete('rolebindings.rbac.authorization.k8s.io', 'ns', 'b');
    assert.equal((access.authorize(list) as { decision: string }).decision, 'no-opinion');
  });

  test('Node lets a kubelet read what its pods need, along every way', () => {
    const { access, reader } = world();
    const node = who(access, bearer('nt'));
    const may = (verb: string, resource: string, rest: Partial<Attributes>) =>
      (access.authorize(ask(node, verb, resource, rest)) as { decision: string }).decision;
    reader.put('pods', {
      metadata: { name: 'p', namespace: 'ns' },
      spec: {
        nodeName: 'n1',
        serviceAccountName: 's',
        containers: [{ envFrom: [{ configMapRef: { name: 'c' } }] }],
        volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'claim' } }],
      },
    });
    reader.put('persistentvolumes', {
      metadata: { name: 'pv' },
      spec: {
        claimRef: { namespace: 'ns', name: 'claim' },
        csi: { nodeStageSecretRef: { namespace: 'stores', name: 'key' } },
      },
    });
    assert.equal(may('get', 'configmaps', { namespace: 'ns', name: 'c' }), 'allow');
    assert.equal(may('watch', 'configmaps', { namespace: 'ns', name: 'c' }), 'allow');
    assert.equal(may('get', 'configmaps', { namespace: 'ns', name: 'other' }), 'no-opinion');
    assert.equal(may('get', 'persistentvolumes', { name: 'pv' }), 'allow');
    assert.equal(may('get', 'secrets', { namespace: 'stores', name: 'key' }), 'allow');
    assert.equal(
      may('create', 'serviceaccounts', { namespace: 'ns', name: 's', subresource: 'token' }),
      'allow',
    );
    assert.equal(may('list', 'pods', { fieldSelector: 'spec.nodeName=n1' }), 'allow');
    assert.equal(may('list', 'pods', {}), 'no-opinion');
    assert.equal(may('get', 'nodes', { name: 'n1' }), 'allow');
    reader.delete('pods', 'ns', 'p');
    assert.equal(may('get', 'secrets', { namespace: 'stores', name: 'key' }), 'no-opinion');
  });
});
