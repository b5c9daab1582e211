import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { GroupVersionResource } from '@coxswain/machinery';
import { bearer, rejection, who, world } from '../testing.ts';

describe('admission of RBAC objects', () => {
  test('refuses to grant what the user does not hold', async () => {
    const { access, reader } = world();
    const bob = who(access, bearer('bt'));
    reader.put('namespaces', { metadata: { name: 'ns' } });
    reader.put('roles.rbac.authorization.k8s.io', {
      metadata: { name: 'r', namespace: 'ns' },
      rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }],
    });
    reader.put('rolebindings.rbac.authorization.k8s.io', {
      metadata: { name: 'b', namespace: 'ns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
      subjects: [{ kind: 'User', name: 'bob' }],
    });
    const create = (resource: string, kind: string, fields: Record<string, unknown>) => {
      const at: GroupVersionResource = { group: 'rbac.authorization.k8s.io', version: 'v1', resource };
      const object = { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata: { name: 'x' }, ...fields };
      return rejection(
        access.admission.admit({
          operation: 'CREATE',
          kind: { ...at, kind },
          resource: at,
          subresource: '',
          namespace: 'ns',
          name: 'x',
          user: bob,
          dryRun: false,
          object,
          oldObject: undefined,
          options: {},
          warn: () => {},
        }),
      );
    };
    const rule = { apiGroups: [''], resources: ['configmaps'], verbs: ['get'] };
    assert.equal(await create('roles', 'Role', { rules: [rule] }), 'none');
    assert.equal(
      await create('roles', 'Role', {
        rules: [{ ...rule, resources: ['secrets', 'pods'], verbs: ['get', 'list'] }],
      }),
      '403 roles.rbac.authorization.k8s.io "x" is forbidden: user "bob" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
    );
    assert.equal(
      await create('rolebindings', 'RoleBinding', { roleRef: { kind: 'Role', name: 'zzz' } }),
      '404 rolebindings.rbac.authorization.k8s.io "zzz" not found',
    );
  });
});
