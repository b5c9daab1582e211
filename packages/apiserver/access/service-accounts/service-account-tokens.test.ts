import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '@coxswain/machinery';
import { bearer, issuer, status, type World, who, world } from '../testing.ts';

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
    const user = who(access, bearer(made['status'].token));
    assert.equal(user.name, 'system:serviceaccount:ns:s');
    assert.deepEqual(user.groups, [
      'system:serviceaccounts',
      'system:serviceaccounts:ns',
      'system:authenticated',
    ]);
    assert.match(user.extra?.['authentication.kubernetes.io/credential-id']?.[0] ?? '', /^JTI=/);
    await clock.advance(3601 * 1000);
    assert.equal(
      status(() => who(access, bearer(made['status'].token))),
      '401 Unauthorized',
    );
    const next = access.tokens.create('ns', 's', tokenRequest(), () => {});
    reader.delete('serviceaccounts', 'ns', 's');
    assert.equal(
      status(() => who(access, bearer(next['status'].token))),
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
    assert.deepEqual(who(access, bearer(token)).extra?.['authentication.kubernetes.io/pod-uid'], ['p-1']);
    assert.deepEqual(who(access, bearer(token)).extra?.['authentication.kubernetes.io/node-name'], ['n1']);
    reader.delete('pods', 'ns', 'p');
    assert.equal(
      status(() => who(access, bearer(token))),
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
      const user = who(access, bearer('at'));
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
