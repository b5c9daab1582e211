import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { applyPatch } from '../support/api.ts';
import type { Behaviours } from '../support/behaviours.ts';
import { anything, CustomResources, sketch } from '../support/custom-resources.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const specOf = (properties: object) => ({
  type: 'object',
  properties: { spec: { type: 'object', properties } },
});

export const customResources: Behaviours = (behaviour) => {
  behaviour(
    'CustomResourceDefinition resources Simple CustomResourceDefinition creating/deleting custom resource definition objects works',
    async (s) => {
      const made = await CustomResources.define(s, sketch());
      await made.create('one');
      await made.remove();
      assert.equal((await s.api.call('GET', made.of())).status, 404);
    },
  );

  behaviour(
    'CustomResourceDefinition resources Simple CustomResourceDefinition getting/updating/patching custom resource definition status sub-resource works',
    async (s) => {
      const made = await CustomResources.define(s, sketch());
      const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
      await s.api.change(`${made.path}/status`, (found) => found.status.conditions.push(condition));
      const patched = await s.api.patch(`${made.path}/status`, {
        status: { acceptedNames: made.definition.spec.names },
      });
      assert.ok(patched.status.conditions.some((c: any) => c.type === 'StatusUpdate'));
      assert.ok((await s.api.get(`${made.path}/status`)).status.storedVersions.includes('v1'));
      await made.remove();
    },
  );

  behaviour(
    'CustomResourceDefinition resources Simple CustomResourceDefinition listing custom resource definition objects works',
    async (s) => {
      const mark = randomBytes(4).toString('hex');
      for (let i = 0; i < 10; i++) {
        const one = sketch();
        await s.api.create(definitions, { ...one, metadata: { ...one.metadata, labels: { mark } } });
      }
      const selected = `${definitions}?labelSelector=mark%3D${mark}`;
      assert.equal((await s.api.get(selected)).items.length, 10);
      await s.api.delete(selected);
      await s.api.until('all are gone', selected, (list) => list.items.length === 0);
    },
  );

  behaviour(
    'CustomResourceDefinition Watch CustomResourceDefinition Watch watch on custom resource definition objects',
    async (s) => {
      const made = await CustomResources.define(s, sketch());
      const watch = await s.api.watch(made.of());
      await made.create('a');
      await watch.next('created', (e) => e.type === 'ADDED' && e.object.metadata.name === 'a');
      await s.api.patch(made.of('a'), { x: 1 });
      await watch.next('modified', (e) => e.type === 'MODIFIED' && e.object.x === 1);
      await s.api.delete(made.of('a'));
      await watch.next('deleted', (e) => e.type === 'DELETED' && e.object.metadata.name === 'a');
      watch.close();
      await made.remove();
    },
  );

  behaviour(
    'CustomResourceDefinition resources custom resource defaulting for requests and from storage works',
    async (s) => {
      const made = await CustomResources.define(
        s,
        sketch([
          { schema: { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } } },
        ]),
      );
      await made.create('old');
      const at = '/spec/versions/0/schema/openAPIV3Schema/properties';
      const patch = (...operations: object[]) =>
        s.api.patch(made.path, operations, 'application/json-patch+json');
      await patch({ op: 'add', path: `${at}/a/default`, value: 'A' });
      await s.api.until('the default of a', made.of('old'), (found) => found.a === 'A');
      assert.equal((await made.create('new')).a, 'A');
      await patch(
        { op: 'remove', path: `${at}/a/default` },
        { op: 'add', path: `${at}/b/default`, value: 'B' },
      );
      const later = await s.api.until('the default of b', made.of('new'), (found) => found.b === 'B');
      assert.equal(later.a, 'A');
      assert.equal((await s.api.get(made.of('old'))).a, undefined);
      await made.remove();
    },
  );

  behaviour(
    'CustomResourceDefinition resources should include custom resource definition resources in discovery documents',
    async (s) => {
      const { groups } = await s.api.get('/apis');
      assert.ok(groups.some((g: any) => g.name === 'apiextensions.k8s.io'));
      const { versions } = await s.api.get('/apis/apiextensions.k8s.io');
      assert.ok(versions.some((v: any) => v.groupVersion === 'apiextensions.k8s.io/v1'));
      const { resources } = await s.api.get('/apis/apiextensions.k8s.io/v1');
      assert.ok(resources.some((r: any) => r.name === 'customresourcedefinitions'));
    },
  );

  behaviour('AggregatedDiscovery should support raw aggregated discovery request for CRDs', async (s) => {
    const made = await CustomResources.define(s, sketch());
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const { body } = await s.api.call('GET', '/apis', undefined, { accept });
    const { group, names } = made.definition.spec;
    const found = body.items.find((item: any) => item.metadata.name === group);
    assert.equal(found.versions[0].resources[0].resource, names.plural);
    await made.remove();
  });

  behaviour(
    'FieldValidation should create/apply a CR with unknown fields for CRD with no validation schema',
    async (s) => {
      const made = await CustomResources.define(s, sketch([{ schema: anything }]));
      const path = `${made.of('a')}?fieldManager=test&fieldValidation=Strict`;
      const applied = await s.api.patch(path, made.make('a', { spec: { foo: 1 } }), applyPatch);
      assert.equal(applied.spec.foo, 1);
      await made.remove();
    },
  );

  behaviour('FieldValidation should create/apply a valid CR for CRD with validation schema', async (s) => {
    const made = await CustomResources.define(s, sketch([{ schema: specOf({ foo: { type: 'string' } }) }]));
    const path = `${made.of('a')}?fieldManager=test&fieldValidation=Strict`;
    const applied = await s.api.patch(path, made.make('a', { spec: { foo: 'x' } }), applyPatch);
    assert.equal(applied.spec.foo, 'x');
    await made.remove();
  });

  behaviour(
    'FieldValidation should create/apply an invalid CR with extra properties for CRD with validation schema',
    async (s) => {
      const made = await CustomResources.define(s, sketch([{ schema: specOf({ foo: { type: 'string' } }) }]));
      const path = `${made.of('a')}?fieldManager=test&fieldValidation=Strict`;
      const text = JSON.stringify(made.make('a', { spec: { foo: 'x', extra: 1 } }));
      const { status, body } = await s.api.call('PATCH', path, text, { contentType: applyPatch });
      assert.equal(status, 500);
      assert.match(body.message, /\.spec\.extra: field not declared in schema/);
      await made.remove();
    },
  );

  behaviour('FieldValidation should detect duplicates in a CR when preserving unknown fields', async (s) => {
    const made = await CustomResources.define(s, sketch([{ schema: anything }]));
    const text = JSON.stringify(made.make('a', { spec: { foo: 1 } })).replace('"foo":1', '"foo":1,"foo":2');
    const { status, body } = await s.api.call('POST', `${made.of()}?fieldValidation=Strict`, text);
    assert.equal(status, 400);
    assert.match(body.message, /strict decoding error: duplicate field "spec.foo"/);
    await made.remove();
  });

  behaviour(
    'FieldValidation should detect unknown metadata fields in both the root and embedded object of a CR',
    async (s) => {
      const template = {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      };
      const made = await CustomResources.define(s, sketch([{ schema: specOf({ template }) }]));
      const inner = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', unknownInner: 1 } };
      const object = made.make('a', { spec: { template: inner } });
      object.metadata.unknownRoot = 1;
      const { status, body } = await s.api.call('POST', `${made.of()}?fieldValidation=Strict`, object);
      assert.equal(status, 400);
      assert.match(body.message, /unknown field "metadata.unknownRoot"/);
      assert.match(body.message, /unknown field "spec.template.metadata.unknownInner"/);
      await made.remove();
    },
  );
};
