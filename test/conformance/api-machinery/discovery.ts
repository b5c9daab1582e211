import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployment } from '../../e2e/support/objects.ts';
import { applyPatch } from '../support/api.ts';
import type { Suite } from '../support/suite.ts';

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** One resource of each group that every cluster has. */
const resourceOfGroup: Readonly<Record<string, string>> = {
  'admissionregistration.k8s.io/v1': 'validatingwebhookconfigurations',
  'apiextensions.k8s.io/v1': 'customresourcedefinitions',
  'apiregistration.k8s.io/v1': 'apiservices',
  'apps/v1': 'deployments',
  'authentication.k8s.io/v1': 'tokenreviews',
  'authorization.k8s.io/v1': 'selfsubjectaccessreviews',
  'autoscaling/v1': 'horizontalpodautoscalers',
  'autoscaling/v2': 'horizontalpodautoscalers',
  'batch/v1': 'jobs',
  'certificates.k8s.io/v1': 'certificatesigningrequests',
  'coordination.k8s.io/v1': 'leases',
  'discovery.k8s.io/v1': 'endpointslices',
  'events.k8s.io/v1': 'events',
  'flowcontrol.apiserver.k8s.io/v1': 'flowschemas',
  'networking.k8s.io/v1': 'ingresses',
  'node.k8s.io/v1': 'runtimeclasses',
  'policy/v1': 'poddisruptionbudgets',
  'rbac.authorization.k8s.io/v1': 'clusterroles',
  'scheduling.k8s.io/v1': 'priorityclasses',
  'storage.k8s.io/v1': 'csinodes',
};

export function discovery({ api, namespace }: Suite): void {
  test('Discovery should validate PreferredVersion for each APIGroup', async () => {
    const { groups } = await api.get('/apis');
    assert.ok(groups.length > 15);
    for (const { name, preferredVersion } of groups) {
      const group = await api.get(`/apis/${name}`);
      assert.equal(group.name, name);
      assert.deepEqual(group.preferredVersion, preferredVersion);
      const found = group.versions.find((v: any) => v.groupVersion === preferredVersion.groupVersion);
      assert.equal(found?.version, preferredVersion.version);
    }
  });

  test('Discovery should locate the groupVersion and a resource within each APIGroup', async () => {
    const { groups } = await api.get('/apis');
    for (const [groupVersion, resource] of Object.entries(resourceOfGroup)) {
      const [name] = groupVersion.split('/');
      const listed = groups.find((g: any) => g.name === name);
      assert.ok(
        listed?.versions.some((v: any) => v.groupVersion === groupVersion),
        groupVersion,
      );
      const { versions } = await api.get(`/apis/${name}`);
      assert.ok(versions.some((v: any) => v.groupVersion === groupVersion));
      const { resources } = await api.get(`/apis/${groupVersion}`);
      assert.ok(
        resources.some((r: any) => r.name === resource),
        `${groupVersion} ${resource}`,
      );
    }
  });

  test('AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers', async () => {
    for (const path of ['/api', '/apis']) {
      const answer = await api.call('GET', path, undefined, { accept: aggregated });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['content-type'], aggregated);
      assert.equal(answer.body.kind, 'APIGroupDiscoveryList');
      assert.equal(answer.body.apiVersion, 'apidiscovery.k8s.io/v2');
      const plain = await api.call('GET', path);
      assert.equal(plain.headers['content-type'], 'application/json');
      assert.equal(plain.body.kind, path === '/api' ? 'APIVersions' : 'APIGroupList');
    }
  });

  test('AggregatedDiscovery should support aggregated discovery interface', async () => {
    const served = new Set<string>();
    for (const path of ['/api', '/apis']) {
      const { body } = await api.call('GET', path, undefined, { accept: aggregated });
      for (const { metadata, versions } of body.items) {
        for (const { version, resources } of versions) {
          for (const { resource } of resources) served.add(`${metadata.name ?? ''}/${version}/${resource}`);
        }
      }
    }
    for (const resource of ['pods', 'configmaps', 'namespaces', 'nodes', 'services', 'secrets']) {
      assert.ok(served.has(`/v1/${resource}`), resource);
    }
    for (const [groupVersion, resource] of Object.entries(resourceOfGroup)) {
      assert.ok(served.has(`${groupVersion}/${resource}`), `${groupVersion}/${resource}`);
    }
  });

  test('server version should find the server version', async () => {
    const version = await api.get('/version');
    assert.match(version.major, /^\d+$/);
    assert.match(version.minor, /^\d+/);
    assert.match(version.gitVersion, /^v1\.36\./);
  });

  test('FieldValidation should detect unknown and duplicate fields of a typed object', async () => {
    const ns = await namespace('fields');
    const path = `/apis/apps/v1/namespaces/${ns}/deployments`;
    const text = JSON.stringify(deployment('web', 1))
      .replace(
        '"spec":{',
        '"spec":{"unknown1":1,"unknownDupe":1,"unknownDupe":2,"paused":true,"paused":false,',
      )
      .replace('"containers":[{', '"containers":[{"unknownNested":1,"tty":true,"tty":false,');
    const refused = await api.call('POST', `${path}?fieldValidation=Strict`, text);
    assert.equal(refused.status, 400);
    assert.match(
      refused.body.message,
      /strict decoding error: unknown field "spec.unknown1", unknown field "spec.unknownDupe", duplicate field "spec.paused", unknown field "spec.template.spec.containers\[0\].unknownNested", duplicate field "spec.template.spec.containers\[0\].tty"/,
    );
    const warned = await api.call('POST', `${path}?fieldValidation=Warn`, text);
    assert.equal(warned.status, 201);
    assert.match(String(warned.headers['warning']), /299 - "unknown field \\"spec.unknown1\\""/);
    const patch = '{"spec":{"foo":1,"paused":true,"paused":false}}';
    const patched = await api.call('PATCH', `${path}/web?fieldValidation=Strict`, patch, {
      contentType: 'application/merge-patch+json',
    });
    assert.equal(patched.status, 422);
    assert.match(patched.body.message, /duplicate field "spec.paused", unknown field "spec.foo"/);
    const apply = (spec: string) =>
      api.call(
        'PATCH',
        `${path}/web?fieldValidation=Strict&fieldManager=test`,
        `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n${spec}`,
        { contentType: applyPatch },
      );
    const unknown = await apply('  foo: 1\n');
    assert.equal(unknown.status, 500);
    assert.match(unknown.body.message, /\.spec\.foo: field not declared in schema$/);
    const doubled = await apply('  minReadySeconds: 1\n  minReadySeconds: 2\n');
    assert.equal(doubled.status, 400);
    assert.match(doubled.body.message, /key "minReadySeconds" already set in map/);
  });

  test('FieldValidation should detect unknown metadata fields of a typed object', async () => {
    const ns = await namespace('fields');
    const path = `/apis/apps/v1/namespaces/${ns}/deployments?fieldValidation=Strict`;
    const text = JSON.stringify(deployment('web', 1)).replace('"metadata":{', '"metadata":{"unknownMeta":1,');
    const refused = await api.call('POST', path, text);
    assert.equal(refused.status, 400);
    assert.match(refused.body.message, /strict decoding error: unknown field "metadata.unknownMeta"/);
  });
}
