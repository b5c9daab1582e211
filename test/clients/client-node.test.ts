import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import * as k8s from '@kubernetes/client-node';
import { SimulatedCluster } from './support/simulated-cluster.ts';

const namespace = 'default';
const widgets = { group: 'clients.example', version: 'v1', plural: 'widgets', namespace };

const deployment = (replicas: number): k8s.V1Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'c', image: 'example/web:1' }] },
    },
  },
});

/** The JavaScript client library of the Kubernetes project, as its users use it. */
describe('@kubernetes/client-node', () => {
  const cluster = new SimulatedCluster();
  const config = new k8s.KubeConfig();
  let core: k8s.CoreV1Api;

  before(async () => {
    await cluster.start();
    config.loadFromFile(cluster.kubeconfig);
    core = config.makeApiClient(k8s.CoreV1Api);
  });
  after(() => cluster.stop());

  test('typed requests: create, read, list, replace, patch, delete', async () => {
    const made = await core.createNamespacedConfigMap({
      namespace,
      body: { metadata: { name: 'settings', labels: { app: 'a' } }, data: { k: 'v' } },
    });
    assert.ok(made.metadata?.creationTimestamp instanceof Date);
    const replaced = await core.replaceNamespacedConfigMap({
      namespace,
      name: 'settings',
      body: { ...made, data: { k: 'w' } },
    });
    assert.notEqual(replaced.metadata?.resourceVersion, made.metadata?.resourceVersion);
    await core.patchNamespacedConfigMap({
      namespace,
      name: 'settings',
      body: [{ op: 'add', path: '/data/more', value: 'x' }],
    });
    const list = await core.listNamespacedConfigMap({ namespace, labelSelector: 'app=a' });
    assert.deepEqual(
      list.items.map(({ data }) => data),
      [{ k: 'w', more: 'x' }],
    );
    await core.deleteNamespacedConfigMap({ namespace, name: 'settings' });
    await assert.rejects(core.readNamespacedConfigMap({ namespace, name: 'settings' }), (error: unknown) => {
      assert.ok(error instanceof k8s.ApiException);
      assert.equal(error.code, 404);
      assert.equal(JSON.parse(error.body).message, 'configmaps "settings" not found');
      return true;
    });
  });

  test('a conflict and an invalid object are told apart by their codes', async () => {
    const body = { metadata: { name: 'twice' } };
    await core.createNamespacedConfigMap({ namespace, body });
    const codeOf = (promise: Promise<unknown>): Promise<number> =>
      promise.then(
        () => 200,
        (error) => error.code,
      );
    assert.equal(await codeOf(core.createNamespacedConfigMap({ namespace, body })), 409);
    const stale = { ...body, metadata: { name: 'twice', resourceVersion: '1' } };
    assert.equal(
      await codeOf(core.replaceNamespacedConfigMap({ namespace, name: 'twice', body: stale })),
      409,
    );
    const wrong = { metadata: { name: 'NOT A NAME' } };
    assert.equal(await codeOf(core.createNamespacedConfigMap({ namespace, body: wrong })), 422);
  });

  test('an informer follows a deployment to its pods', async () => {
    const list = (): Promise<k8s.V1PodList> =>
      core.listNamespacedPod({ namespace, labelSelector: 'app=web' });
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const informer = k8s.makeInformer(config, path, list, 'app=web');
    const running = new Set<string>();
    const settled = new Promise<void>((resolve, reject) => {
      informer.on('update', ({ metadata, status }) => {
        if (status?.phase === 'Running') running.add(metadata?.name ?? '');
        if (running.size === 3) resolve();
      });
      informer.on('error', reject);
    });
    await informer.start();
    await config.makeApiClient(k8s.AppsV1Api).createNamespacedDeployment({ namespace, body: deployment(3) });
    await settled;
    assert.equal(informer.list(namespace).length, 3);
    await informer.stop();
  });

  test('a watch goes on from a resource version', async () => {
    const { metadata } = await core.listNamespacedSecret({ namespace });
    const seen: string[] = [];
    const stop = new AbortController();
    const twoSeen = new Promise<void>((resolve, reject) => {
      new k8s.Watch(config)
        .watch(
          `/api/v1/namespaces/${namespace}/secrets`,
          { resourceVersion: metadata?.resourceVersion },
          (type, object) => {
            seen.push(`${type} ${object.metadata.name}`);
            if (seen.length === 2) resolve();
          },
          (error) => {
            if (seen.length < 2) reject(error);
          },
        )
        .then((controller) => stop.signal.addEventListener('abort', () => controller.abort()), reject);
    });
    await core.createNamespacedSecret({
      namespace,
      body: { metadata: { name: 's' }, stringData: { a: 'b' } },
    });
    await core.deleteNamespacedSecret({ namespace, name: 's' });
    await twoSeen;
    stop.abort();
    assert.deepEqual(seen, ['ADDED s', 'DELETED s']);
  });

  test('objects of any kind: server-side apply, custom resources', async () => {
    const objects = k8s.KubernetesObjectApi.makeApiClient(config);
    await objects.create({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.clients.example' },
      spec: {
        group: 'clients.example',
        scope: 'Namespaced',
        names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: { type: 'object', properties: { size: { type: 'integer', _default: 7 } } },
                },
              },
            },
          },
        ],
      },
    } as k8s.KubernetesObject);
    const custom = config.makeApiClient(k8s.CustomObjectsApi);
    const body = { apiVersion: 'clients.example/v1', kind: 'Widget', metadata: { name: 'w' }, spec: {} };
    const served = async (): Promise<any> => {
      for (;;) {
        try {
          return await custom.createNamespacedCustomObject({ ...widgets, body });
        } catch (error) {
          if ((error as { code?: number }).code !== 404) throw error;
        }
      }
    };
    assert.equal((await served()).spec.size, 7);
    const applied = await objects.patch(
      deployment(2),
      undefined,
      undefined,
      'clients-test',
      true,
      k8s.PatchStrategy.ServerSideApply,
    );
    assert.ok(
      applied.metadata?.managedFields?.some(
        ({ manager, operation }) => manager === 'clients-test' && operation === 'Apply',
      ),
    );
    const { items } = await custom.listNamespacedCustomObject(widgets);
    assert.equal(items.length, 1);
  });

  test('who am I, what may I do, a token for an account', async () => {
    const authorization = config.makeApiClient(k8s.AuthorizationV1Api);
    const review = await authorization.createSelfSubjectAccessReview({
      body: { spec: { resourceAttributes: { verb: 'delete', resource: 'nodes' } } },
    });
    assert.equal(review.status?.allowed, true);
    const token = await core.createNamespacedServiceAccountToken({
      namespace,
      name: 'default',
      body: { spec: { audiences: [], expirationSeconds: 600 } },
    });
    const asAccount = new k8s.KubeConfig();
    const current = config.getCurrentCluster();
    assert.ok(current);
    asAccount.loadFromClusterAndUser(current, { name: 'account', token: token.status?.token ?? '' });
    const who = await asAccount.makeApiClient(k8s.AuthenticationV1Api).createSelfSubjectReview({ body: {} });
    assert.equal(who.status?.userInfo?.username, 'system:serviceaccount:default:default');
    await assert.rejects(asAccount.makeApiClient(k8s.CoreV1Api).listNode(), { code: 403 });
  });

  test('the log of a container ends as its container says', async () => {
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app=web' });
    const sink = new PassThrough();
    sink.resume();
    await new k8s.Log(config).log(namespace, items[0]?.metadata?.name ?? '', 'c', sink);
    await once(sink, 'end');
  });
});
