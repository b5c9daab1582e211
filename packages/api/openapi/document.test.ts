import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { finish } from '@coxswain/machinery';
import { documentNames, openApiV3, openApiV3Document, openApiV3Index } from './document.ts';
import { openApiV2 } from './v2.ts';

const served = (gv: string): boolean => !/(?:alpha|beta)/.test(gv);

test('openApiV3Index() lists the served groups and versions with a hash each', () => {
  const { paths } = JSON.parse(openApiV3Index({ isServed: served }).toString());
  assert.match(
    paths['apis/apps/v1'].serverRelativeURL,
    /^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/,
  );
  assert.equal(paths['apis/coordination.k8s.io/v1beta1'], undefined);
  assert.equal(paths['apis/storagemigration.k8s.io'], undefined);
  assert.ok(paths['api'] && paths['version'] && paths['openid/v1/jwks']);
});

test('openApiV3() gives a document by name and nothing for other names', () => {
  const document = JSON.parse(finish(openApiV3('apis/apps/v1', { version: 'v1.36.2' }))?.toString() ?? '');
  assert.equal(document.info.version, 'v1.36.2');
  const schemas = document.components.schemas;
  assert.deepEqual(schemas['io.k8s.api.apps.v1.DeploymentStrategy'].properties.type.enum, [
    'Recreate',
    'RollingUpdate',
  ]);
  const scale = document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale'].get;
  assert.equal(scale.operationId, 'readAppsV1NamespacedDeploymentScale');
  assert.equal(finish(openApiV3('apis/nope/v1')), undefined);
});

test('openApiV2() joins all groups in one document without wrappers around references', () => {
  const { definitions, paths } = JSON.parse(finish(openApiV2({ isServed: served })).toString());
  const { metadata } = definitions['io.k8s.api.core.v1.ConfigMap'].properties;
  assert.equal(metadata.$ref, '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
  assert.equal(definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString'].type, 'string');
  assert.equal(paths['/api/v1/namespaces/{namespace}/pods'].post.parameters[0].in, 'body');
});

const facts = join(import.meta.dirname, '../../../../shared/kubernetes-1.36/openapi-v3');
const skip = existsSync(facts) ? false : 'the published documents are not here';

test('openApiV3Document() is what the release publishes, prose and enumerations aside', { skip }, () => {
  const names = new Set(documentNames());
  for (const file of readdirSync(facts)) {
    const name = file.replace('_openapi.json', '').replaceAll('__', '/');
    // Servers publish it only where the handler of node logs is on.
    if (name === 'logs') continue;
    assert.ok(names.has(name), name);
    assert.deepEqual(
      bare(finish(openApiV3Document(name))),
      bare(JSON.parse(readFileSync(join(facts, file), 'utf8'))),
      name,
    );
  }
});

const definitionsFile = join(facts, '..', 'swagger.json');

test('openApiV2() defines what the release publishes', { skip }, () => {
  const published = JSON.parse(readFileSync(definitionsFile, 'utf8'));
  const made = JSON.parse(finish(openApiV2()).toString());
  for (const [name, definition] of Object.entries(published.definitions)) {
    assert.deepEqual(
      bare(withoutManyKinds(made['definitions'][name])),
      bare(withoutManyKinds(definition)),
      name,
    );
  }
  const paths = Object.keys(published.paths).filter((path) => !path.startsWith('/logs/'));
  assert.deepEqual(Object.keys(made['paths']).sort(), paths.sort());
});

/** Kinds of every group: upstream also names groups here that it does not serve. */
function withoutManyKinds(schema: any): any {
  const key = 'x-kubernetes-group-version-kind';
  return (schema?.[key]?.length ?? 0) < 2 ? schema : { ...schema, [key]: undefined };
}

function bare(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, v) => {
      if (key === 'description' && typeof v === 'string') return undefined;
      if (key === 'enum' && Array.isArray(v)) return undefined;
      return key === 'required' && Array.isArray(v) ? v.toSorted() : v;
    }),
  );
}
