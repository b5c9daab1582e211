import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { eventually } from '../../e2e/support/cluster.ts';
import { idle, pod } from '../../e2e/support/objects.ts';
import type { Suite } from '../support/suite.ts';

const account = (name: string, parts: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, ...parts },
});

const tokenDir = '/var/run/secrets/kubernetes.io/serviceaccount';

export function serviceAccounts({ api, cluster, namespace }: Suite): void {
  const review = async (token: string): Promise<any> => {
    const reviewed = await api.create('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token },
    });
    return reviewed.status;
  };
  const tokenOf = async (ns: string, name: string): Promise<string> => {
    const path = `/api/v1/namespaces/${ns}/serviceaccounts/${name}/token`;
    const made = await api.create(path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {},
    });
    assert.ok(made.status.expirationTimestamp);
    return made.status.token;
  };

  test('ServiceAccounts should mount an API token into pods', async () => {
    const ns = await namespace('svcaccounts');
    await api.create(`/api/v1/namespaces/${ns}/serviceaccounts`, account('mount-test'));
    const made = await api.create(
      `/api/v1/namespaces/${ns}/pods`,
      pod('pod-service-account', idle, { serviceAccountName: 'mount-test' }),
    );
    await api.until(
      'it runs',
      `/api/v1/namespaces/${ns}/pods/pod-service-account`,
      ({ status }) => status.phase === 'Running',
    );
    const read = (file: string): Promise<string> =>
      cluster.kubectl('exec', '-n', ns, 'pod-service-account', '--', 'cat', `${tokenDir}/${file}`);
    const [token, ca, inside] = await Promise.all([read('token'), read('ca.crt'), read('namespace')]);
    const rootCa = await api.get(`/api/v1/namespaces/${ns}/configmaps/kube-root-ca.crt`);
    assert.equal(ca, rootCa.data['ca.crt']);
    assert.equal(inside, ns);
    const { authenticated, error, user } = await review(token);
    assert.equal(authenticated, true);
    assert.equal(error, undefined);
    assert.equal(user.username, `system:serviceaccount:${ns}:mount-test`);
    for (const group of ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${ns}`]) {
      assert.ok(user.groups.includes(group), group);
    }
    assert.deepEqual(user.extra['authentication.kubernetes.io/pod-name'], ['pod-service-account']);
    assert.deepEqual(user.extra['authentication.kubernetes.io/pod-uid'], [made.metadata.uid]);
  });

  test('ServiceAccounts should allow opting out of API token automount', async () => {
    const ns = await namespace('svcaccounts');
    const wishes = [undefined, true, false];
    for (const ofAccount of wishes) {
      const name = `account-${ofAccount ?? 'default'}`;
      await api.create(`/api/v1/namespaces/${ns}/serviceaccounts`, {
        ...account(name),
        ...(ofAccount === undefined ? {} : { automountServiceAccountToken: ofAccount }),
      });
      for (const ofPod of wishes) {
        const wish = ofPod === undefined ? {} : { automountServiceAccountToken: ofPod };
        const made = await api.create(
          `/api/v1/namespaces/${ns}/pods`,
          pod(`${name}-${ofPod ?? 'default'}`, idle, { serviceAccountName: name, ...wish }),
        );
        const mounts: any[] = made.spec.containers[0].volumeMounts ?? [];
        const mounted = mounts.some(({ mountPath }) => mountPath === tokenDir);
        assert.equal(mounted, ofPod ?? ofAccount ?? true, made.metadata.name);
      }
    }
  });

  test('ServiceAccounts should mount projected service account token', async () => {
    const ns = await namespace('svcaccounts');
    const projected = {
      name: 'projected',
      projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600 } }] },
    };
    await api.create(
      `/api/v1/namespaces/${ns}/pods`,
      pod(
        'test-pod',
        {
          command: ['cat', '/test/token'],
          volumeMounts: [{ name: 'projected', mountPath: '/test', readOnly: true }],
        },
        { restartPolicy: 'Never', volumes: [projected] },
      ),
    );
    await api.until(
      'it ends',
      `/api/v1/namespaces/${ns}/pods/test-pod`,
      ({ status }) => status.phase === 'Succeeded',
    );
    const log = await cluster.kubectl('logs', '-n', ns, 'test-pod');
    assert.match(log, /^[\w-]+\.[\w-]+\.[\w-]+$/);
    assert.equal((await review(log)).authenticated, true);
  });

  test('ServiceAccounts ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer', async () => {
    const ns = await namespace('svcaccounts');
    const token = await tokenOf(ns, 'default');
    const get = async (path: string): Promise<any> => {
      const answer = await api.call('GET', path, undefined, { token });
      assert.equal(answer.status, 200, answer.text);
      return JSON.parse(answer.text);
    };
    const provider = await get('/.well-known/openid-configuration');
    const { keys } = await get(new URL(provider.jwks_uri).pathname);
    const [head, payload, signature] = token.split('.') as [string, string, string];
    const header = JSON.parse(Buffer.from(head, 'base64url').toString());
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    assert.equal(claims.iss, provider.issuer);
    assert.equal(claims.sub, `system:serviceaccount:${ns}:default`);
    const jwk = keys.find((key: any) => key.kid === header.kid);
    assert.ok(provider.id_token_signing_alg_values_supported.includes(header.alg));
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const signed = Buffer.from(`${head}.${payload}`);
    const isEllipticCurve = header.alg.startsWith('ES');
    assert.ok(
      verify(
        'sha256',
        signed,
        isEllipticCurve ? { key, dsaEncoding: 'ieee-p1363' } : key,
        Buffer.from(signature, 'base64url'),
      ),
    );
  });

  test('ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview', async () => {
    const ns = await namespace('svcaccounts');
    const made = await api.create(`/api/v1/namespaces/${ns}/serviceaccounts`, account('e2e-sa'));
    const { authenticated, error, user } = await review(await tokenOf(ns, 'e2e-sa'));
    assert.equal(authenticated, true);
    assert.equal(error, undefined);
    assert.equal(user.username, `system:serviceaccount:${ns}:e2e-sa`);
    assert.equal(user.uid, made.metadata.uid);
  });

  test('ServiceAccounts should run through the lifecycle of a ServiceAccount', async () => {
    const ns = await namespace('svcaccounts');
    const path = `/api/v1/namespaces/${ns}/serviceaccounts`;
    const log = await api.watch(path, { labelSelector: 'test-serviceaccount-static=true' });
    await api.create(
      path,
      account('testserviceaccount', { labels: { 'test-serviceaccount-static': 'true' } }),
    );
    await log.next('ADDED', ({ type }) => type === 'ADDED');
    await api.patch(`${path}/testserviceaccount`, { automountServiceAccountToken: false });
    await log.next(
      'MODIFIED',
      ({ type, object }) => type === 'MODIFIED' && object.automountServiceAccountToken === false,
    );
    const all = await api.get('/api/v1/serviceaccounts?labelSelector=test-serviceaccount-static%3Dtrue');
    assert.equal(all.items.filter((item: any) => item.metadata.namespace === ns).length, 1);
    await api.delete(`${path}?labelSelector=test-serviceaccount-static%3Dtrue`);
    await log.next('DELETED', ({ type }) => type === 'DELETED');
    log.close();
  });

  test('ServiceAccounts should update a ServiceAccount', async () => {
    const ns = await namespace('svcaccounts');
    const path = `/api/v1/namespaces/${ns}/serviceaccounts`;
    await api.create(path, account('e2e-sa'));
    const updated = await api.change(`${path}/e2e-sa`, (object) => {
      object.automountServiceAccountToken = false;
    });
    assert.equal(updated.automountServiceAccountToken, false);
  });

  test('ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace', async () => {
    const ns = await namespace('svcaccounts');
    const path = `/api/v1/namespaces/${ns}/configmaps/kube-root-ca.crt`;
    const first = await eventually('it exists', async () => {
      const answer = await api.call('GET', path);
      return answer.status === 200 && answer.body;
    });
    await api.delete(path);
    const second = await eventually('it exists again', async () => {
      const answer = await api.call('GET', path);
      return answer.status === 200 && answer.body.metadata.uid !== first.metadata.uid && answer.body;
    });
    assert.deepEqual(second.data, first.data);
    await api.patch(path, { data: { 'ca.crt': '' } });
    await api.until('its content is restored', path, ({ data }) => data['ca.crt'] === first.data['ca.crt']);
  });
}
