import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask, bearer, rejection, status, who, world } from '../testing.ts';

describe('impersonate()', () => {
  test('gives masters anyone, and refuses others by the constrained verb', async () => {
    const { access } = world();
    const [admin, bob] = [who(access, bearer('at')), who(access, bearer('bt'))];
    const request = ask(admin, 'list', 'pods', { namespace: 'ns' });
    assert.deepEqual(
      await access.impersonate(
        {
          headers: {
            'impersonate-user': 'carol',
            'impersonate-group': 'ops',
            'impersonate-extra-scopes': 'view',
          },
        },
        request,
      ),
      { name: 'carol', groups: ['ops', 'system:authenticated'], extra: { scopes: ['view'] } },
    );
    assert.equal(
      await rejection(
        access.impersonate({ headers: { 'impersonate-user': 'alice' } }, { ...request, user: bob }),
      ),
      '403 pods is forbidden: User "bob" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "ns"',
    );
    assert.equal(
      status(() => access.impersonate({ headers: { 'impersonate-group': 'devs' } }, request)),
      '400 requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"devs"}, Extra:map[string][]string(nil)} without impersonating a user name',
    );
  });

  test('takes for service accounts only what may be called like one', async () => {
    const { access } = world();
    const bob = who(access, bearer('bt'));
    const refused = (headers: Record<string, string>) =>
      rejection(access.impersonate({ headers }, { ...ask(bob, 'list', 'pods'), user: bob }));
    for (const [name, mode] of [
      ['system:serviceaccount:ns:sa', 'serviceaccount'],
      ['system:serviceaccount:NS:sa', 'user-info'],
      ['system:serviceaccount:ns:', 'user-info'],
      ['system:serviceaccount:ns:s_a', 'user-info'],
      ['system:serviceaccount:a:b:c', 'user-info'],
    ] as const) {
      assert.match(
        await refused({ 'impersonate-user': name }),
        new RegExp(`impersonate-on:${mode}:list`),
        name,
      );
    }
  });

  test('lets nobody have an extra key of no domain by a constrained mode', async () => {
    const { access, reader } = world();
    const bob = who(access, bearer('bt'));
    const all = { resources: ['*'], apiGroups: ['*'] };
    const rules = [{ ...all, verbs: ['impersonate:user-info', 'impersonate-on:user-info:list'] }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'actor' };
    reader.put('clusterroles.rbac.authorization.k8s.io', { metadata: { name: 'actor' }, rules });
    reader.put('clusterrolebindings.rbac.authorization.k8s.io', {
      metadata: { name: 'actor' },
      roleRef,
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'bob' }],
    });
    const as = (key: string, value: string) => {
      const headers = { 'impersonate-user': 'jane', [`impersonate-extra-${key}`]: value };
      return access.impersonate({ headers }, ask(bob, 'list', 'pods'));
    };
    assert.deepEqual(await as('acme.io%2fscope', 'x'), {
      name: 'jane',
      groups: ['system:authenticated'],
      extra: { 'acme.io/scope': ['x'] },
    });
    for (const [key, value, told] of [
      [
        'scope',
        'x',
        'an invalid key in extra is not allowed: extra.key: Invalid value: "scope": must be a domain-prefixed path (such as "acme.io/foo")',
      ],
      ['', 'x', 'the empty string key in extra is not allowed'],
      ['a%2f%41', 'x', 'a non-lowercase key in extra is not allowed: "a/A"'],
      ['a%2fb', '', 'the empty string value in extra is not allowed'],
    ] as const) {
      assert.equal(
        await rejection(Promise.resolve(as(key, value))),
        `403 userextras.authentication.k8s.io is forbidden: User "bob" cannot impersonate:user-info resource "userextras" in API group "authentication.k8s.io" at the cluster scope: impersonating ${told}`,
      );
    }
  });

  test('lets a service account be the node of its pod for one verb alone', async () => {
    const { access, reader } = world();
    const rules = [
      {
        apiGroups: ['authentication.k8s.io'],
        resources: ['nodes'],
        resourceNames: ['*'],
        verbs: ['impersonate:associated-node'],
      },
      { apiGroups: [''], resources: ['pods'], verbs: ['impersonate-on:associated-node:list'] },
    ];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'agent' };
    const subjects = [{ kind: 'ServiceAccount', namespace: 'ns', name: 'agent' }];
    reader.put('clusterroles.rbac.authorization.k8s.io', { metadata: { name: 'agent' }, rules });
    reader.put('clusterrolebindings.rbac.authorization.k8s.io', {
      metadata: { name: 'agent' },
      roleRef,
      subjects,
    });
    const agent = {
      name: 'system:serviceaccount:ns:agent',
      groups: ['system:serviceaccounts', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/node-name': ['n1'] },
    };
    const headers = { 'impersonate-user': 'system:node:n1' };
    assert.deepEqual(await access.impersonate({ headers: headers }, ask(agent, 'list', 'pods')), {
      name: 'system:node:n1',
      groups: ['system:nodes', 'system:authenticated'],
    });
    assert.match(
      await rejection(access.impersonate({ headers: headers }, ask(agent, 'watch', 'pods'))),
      /cannot impersonate-on:associated-node:watch resource "pods"/,
    );
    const other = { 'impersonate-user': 'system:node:n2' };
    assert.match(
      await rejection(access.impersonate({ headers: other }, ask(agent, 'list', 'pods'))),
      /cannot impersonate-on:arbitrary-node:list resource "pods"/,
    );
  });
});
