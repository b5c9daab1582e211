import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type GroupVersionResource,
  type KubeObject,
  StatusError,
  silentLogger,
  VirtualClock,
} from '@coxswain/machinery';
import { generateKey, keyToPem } from '@coxswain/pki';
import { bootstrapObjects } from '../bootstrap/objects.ts';
import { type Access, buildAccess } from './access.ts';
import { parseTokenFile } from './authentication/static-token.ts';
import { forbiddenError } from './authorization/forbidden.ts';
import type { Attributes, UserInfo } from './contract.ts';
import { MemoryReader } from './memory-reader.ts';

const issuer = 'https://kubernetes.default.svc.cluster.local';
const tokens =
  'at,admin,admin-uid,system:masters\nbt,bob,bob-uid,"devs"\nalt,alice,alice-uid\nnt,system:node:n1,n-uid,system:nodes\n';

interface World {
  readonly reader: MemoryReader;
  readonly clock: VirtualClock;
  readonly access: Access;
}

function world(): World {
  const reader = new MemoryReader();
  const clock = new VirtualClock();
  for (const { group, resource, object } of bootstrapObjects()) {
    reader.put(group === '' ? resource : `${resource}.${group}`, object);
  }
  const access = buildAccess(
    {
      authorizationModes: ['Node', 'RBAC'],
      anonymousAuth: true,
      staticTokens: parseTokenFile(tokens),
      bootstrapTokens: true,
      serviceAccounts: {
        issuers: [issuer],
        audiences: [],
        signingKey: keyToPem(generateKey()),
        verificationKeys: [],
        extendExpiration: true,
        maxExpirationSeconds: 0,
        jwksUri: '',
      },
      enableAdmissionPlugins: [],
      disableAdmissionPlugins: [],
      serverUrl: 'https://10.0.0.1:6443',
      transport: () => {
        throw new Error('nothing is written here');
      },
      logger: silentLogger,
    },
    reader,
    clock,
  );
  return { reader, clock, access };
}

function bearer(token: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${token}` } };
}

function ask(user: UserInfo, verb: string, resource: string, rest: Partial<Attributes> = {}): Attributes {
  return {
    user,
    verb,
    resourceRequest: true,
    path: '',
    group: '',
    version: 'v1',
    resource,
    subresource: '',
    namespace: '',
    name: '',
    ...rest,
  };
}

function status(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    assert.ok(error instanceof StatusError);
    return `${error.code} ${error.message}`;
  }
  return 'none';
}

async function rejection(promise: unknown): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return `${error.code} ${error.message}`;
  }
  return 'none';
}

describe('authenticate()', () => {
  test('knows static tokens, anonymous users and bad tokens', () => {
    const { access } = world();
    assert.deepEqual(access.authenticate(bearer('bt')), {
      name: 'bob',
      uid: 'bob-uid',
      groups: ['devs', 'system:authenticated'],
    });
    assert.equal(access.authenticate({ headers: {} }).name, 'system:anonymous');
    assert.equal(access.authenticate({ headers: { authorization: 'Bearer' } }).name, 'system:anonymous');
    assert.equal(
      status(() => access.authenticate(bearer('nope'))),
      '401 Unauthorized',
    );
  });

  test('lets a bootstrap token in until it expires', async () => {
    const { access, reader, clock } = world();
    const data = {
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:workers',
      expiration: new Date(clock.now() + 1000).toISOString(),
    };
    reader.put('secrets', {
      metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
      type: 'bootstrap.kubernetes.io/token',
      data: Object.fromEntries(Object.entries(data).map(([k, v]) => [k, Buffer.from(v).toString('base64')])),
    });
    assert.deepEqual(access.authenticate(bearer('abcdef.0123456789abcdef')).groups, [
      'system:bootstrappers',
      'system:bootstrappers:workers',
      'system:authenticated',
    ]);
    assert.equal(
      status(() => access.authenticate(bearer('abcdef.0123456789abcdee'))),
      '401 Unauthorized',
    );
    await clock.advance(1000);
    assert.equal(
      status(() => access.authenticate(bearer('abcdef.0123456789abcdef'))),
      '401 Unauthorized',
    );
  });
});

function tokenRequest(spec: Record<string, unknown> = {}): KubeObject {
  return { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec };
}

describe('service account tokens', () => {
  const withAccount = (): World => {
    const made = world();
    made.reader.put('serviceaccounts', { metadata: { name: 's', namespace: 'ns', uid: 'sa-1' } });
    return made;
  };

  test('hold until they expire or their account goes', async () => {
    const { access, reader, clock } = withAccount();
    const made = access.tokens.create('ns', 's', tokenRequest(), () => {});
    const user = access.authenticate(bearer(made['status'].token));
    assert.equal(user.name, 'system:serviceaccount:ns:s');
    assert.deepEqual(user.groups, [
      'system:serviceaccounts',
      'system:serviceaccounts:ns',
      'system:authenticated',
    ]);
    assert.match(user.extra?.['authentication.kubernetes.io/credential-id']?.[0] ?? '', /^JTI=/);
    await clock.advance(3601 * 1000);
    assert.equal(
      status(() => access.authenticate(bearer(made['status'].token))),
      '401 Unauthorized',
    );
    const next = access.tokens.create('ns', 's', tokenRequest(), () => {});
    reader.delete('serviceaccounts', 'ns', 's');
    assert.equal(
      status(() => access.authenticate(bearer(next['status'].token))),
      '401 Unauthorized',
    );
  });

  test('bound to a pod name the pod and its node, and end with it', () => {
    const { access, reader } = withAccount();
    const ref = { kind: 'Pod', apiVersion: 'v1', name: 'p' };
    reader.put('pods', {
      metadata: { name: 'p', namespace: 'ns', uid: 'p-1' },
      spec: { serviceAccountName: 's', nodeName: 'n1' },
    });
    const spec = { boundObjectRef: ref, expirationSeconds: 3607 };
    const { token } = access.tokens.create('ns', 's', tokenRequest(spec), () => {})['status'];
    assert.deepEqual(access.authenticate(bearer(token)).extra?.['authentication.kubernetes.io/pod-uid'], [
      'p-1',
    ]);
    assert.deepEqual(access.authenticate(bearer(token)).extra?.['authentication.kubernetes.io/node-name'], [
      'n1',
    ]);
    reader.delete('pods', 'ns', 'p');
    assert.equal(
      status(() => access.authenticate(bearer(token))),
      '401 Unauthorized',
    );
  });

  test('TokenRequest is refused with the texts of upstream', () => {
    const { access } = withAccount();
    const make = (spec: Record<string, unknown>, name = 's') =>
      status(() => access.tokens.create('ns', name, tokenRequest(spec), () => {}));
    assert.equal(
      make({ expirationSeconds: 60 }),
      '422 TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes',
    );
    assert.equal(make({}, 'zz'), '404 serviceaccounts "zz" not found');
    assert.equal(
      make({ boundObjectRef: { kind: 'ConfigMap', apiVersion: 'v1', name: 'x' } }),
      '400 cannot bind token to object of type /v1, Kind=ConfigMap',
    );
  });

  test('TokenReview tells for whom a token is', async () => {
    const { access } = withAccount();
    const review = async (token: string, audiences?: string[]) => {
      const object: KubeObject = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        metadata: {},
        spec: { token, ...(audiences ? { audiences } : {}) },
      };
      const resource = { group: 'authentication.k8s.io', resource: 'tokenreviews' };
      const user = access.authenticate(bearer('at'));
      return (await access.review({ resource, namespace: '', object, user }))['status'];
    };
    const vault = access.tokens.create(
      'ns',
      's',
      tokenRequest({ audiences: ['https://vault.example'] }),
      () => {},
    );
    assert.deepEqual(await review('garbage'), { user: {}, error: 'invalid bearer token' });
    assert.equal(
      (await review(vault['status'].token)).error,
      `[invalid bearer token, token audiences ["https://vault.example"] is invalid for the target audiences ["${issuer}"]]`,
    );
    assert.deepEqual((await review(vault['status'].token, ['https://vault.example', 'o'])).audiences, [
      'https://vault.example',
    ]);
  });
});

describe('authorize()', () => {
  test('RBAC allows by bindings of the cluster and the namespace', () => {
    const { access, reader } = world();
    const bob = access.authenticate(bearer('bt'));
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
    const node = access.authenticate(bearer('nt'));
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

describe('impersonate()', () => {
  test('gives masters anyone, and refuses others by the constrained verb', async () => {
    const { access } = world();
    const [admin, bob] = [access.authenticate(bearer('at')), access.authenticate(bearer('bt'))];
    const request = ask(admin, 'list', 'pods', { namespace: 'ns' });
    assert.deepEqual(
      await access.impersonate(
        { 'impersonate-user': 'carol', 'impersonate-group': 'ops', 'impersonate-extra-scopes': 'view' },
        request,
      ),
      { name: 'carol', groups: ['ops', 'system:authenticated'], extra: { scopes: ['view'] } },
    );
    assert.equal(
      await rejection(access.impersonate({ 'impersonate-user': 'alice' }, { ...request, user: bob })),
      '403 pods is forbidden: User "bob" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "ns"',
    );
    assert.equal(
      status(() => access.impersonate({ 'impersonate-group': 'devs' }, request)),
      '400 requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"devs"}, Extra:map[string][]string(nil)} without impersonating a user name',
    );
  });
});

describe('admission of RBAC objects', () => {
  test('refuses to grant what the user does not hold', async () => {
    const { access, reader } = world();
    const bob = access.authenticate(bearer('bt'));
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
