import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finish, type ResourceFact } from '@coxswain/machinery';
import { findResource } from '../facts.ts';
import { documentNames, openApiV3Document } from './document.ts';
import { openApiV2 } from './v2.ts';

const like = findResource('apps', 'v1', 'deployments') as ResourceFact;
const gizmos = {
  ...like,
  group: 'ex.example.com',
  resource: 'gizmos',
  kind: 'Gizmo',
  returnsDeleted: false,
  type: { ...like.type, name: 'com.example.ex.v1.Gizmo' },
};
const custom = [
  {
    revision: '1',
    resource: gizmos,
    listKind: 'Gizmos',
    selectableFields: ['spec.color'],
    schema: () => ({ type: 'object', properties: { spec: { type: 'object' } } }),
    swagger: () => ({ type: 'object' }),
  },
];
const options = { custom, isServed: () => false };
const root = '/apis/ex.example.com/v1/namespaces/{namespace}/gizmos';

test('openApiV3Document() has a custom resource with its list as it is named', () => {
  const { paths, components } = finish(openApiV3Document('apis/ex.example.com/v1', options));
  const list = components.schemas['com.example.ex.v1.Gizmos'];
  assert.equal(list.description, 'Gizmos is a list of Gizmo');
  const selectable = [{ fieldPath: 'spec.color' }];
  assert.deepEqual(list['x-kubernetes-selectable-fields'], selectable);
  assert.deepEqual(
    components.schemas['com.example.ex.v1.Gizmo']['x-kubernetes-selectable-fields'],
    selectable,
  );
  assert.deepEqual(list.properties.items.items, { $ref: '#/components/schemas/com.example.ex.v1.Gizmo' });
  const { get, delete: deleteAll, post } = paths[root];
  assert.equal(get.description, 'list objects of kind Gizmo');
  assert.deepEqual(get.responses['200'].content['application/json'].schema, {
    $ref: '#/components/schemas/com.example.ex.v1.Gizmos',
  });
  assert.equal(deleteAll.requestBody, undefined);
  assert.deepEqual(Object.keys(post.requestBody.content), ['application/json', 'application/yaml']);
  const one = paths[`${root}/{name}`];
  assert.deepEqual(Object.keys(one.patch.responses), ['200', '401']);
  assert.deepEqual(
    one.get.parameters.map((p: any) => p.name),
    ['resourceVersion'],
  );
  const scale = paths[`${root}/{name}/scale`];
  assert.equal(scale.get['x-kubernetes-group-version-kind'].kind, 'Gizmo');
  assert.equal(scale.parameters.find((p: any) => p.name === 'name').description, 'name of the Gizmo');
});

test('openApiV3Document() of custom resources says who made it, and nothing of discovery and credentials', () => {
  const { info, paths, components } = finish(openApiV3Document('apis/ex.example.com/v1', options));
  assert.deepEqual(info, { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' });
  assert.equal(paths['/apis/ex.example.com/v1/'], undefined);
  assert.deepEqual(Object.keys(components), ['schemas']);
  const deletion = components.schemas['io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'];
  const groups = deletion['x-kubernetes-group-version-kind'].map((kind: any) => kind.group);
  assert.ok(groups.includes('apps') && groups.includes('batch'));
});

test('documentNames() has no document of a group of custom resources', () => {
  assert.ok(!documentNames(options).includes('apis/ex.example.com'));
  assert.ok(documentNames(options).includes('apis/ex.example.com/v1'));
});

test('openApiV2() has a custom resource in the form that Swagger 2 takes', () => {
  const { definitions, paths } = JSON.parse(finish(openApiV2(options)).toString());
  assert.deepEqual(definitions['com.example.ex.v1.Gizmo'], {
    type: 'object',
    'x-kubernetes-group-version-kind': [{ group: 'ex.example.com', version: 'v1', kind: 'Gizmo' }],
    'x-kubernetes-selectable-fields': [{ fieldPath: 'spec.color' }],
  });
  assert.deepEqual(paths[root].get.consumes, ['application/json', 'application/yaml']);
});
