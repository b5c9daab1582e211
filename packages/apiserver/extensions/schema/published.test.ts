import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishedSchema, publishedSwagger } from './published.ts';
import type { Schema } from './schema.ts';

const gizmo: Schema = {
  type: 'object',
  description: 'of a gizmo',
  properties: {
    spec: {
      type: 'object',
      required: ['null', 'port'],
      properties: {
        null: { type: 'array', nullable: true, items: { type: 'string' } },
        port: { 'x-kubernetes-int-or-string': true, default: 80 },
        any: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { a: { type: 'string' } },
        },
        exact: {
          type: 'object',
          anyOf: [{ required: ['a'] }],
          properties: { a: { type: 'string', title: '' } },
        },
        embedded: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          required: ['kind'],
          properties: { spec: { type: 'object', additionalProperties: true } },
        },
        open: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
      },
    },
  },
};

/** What is published of `spec`, without the texts that are there only when the server has been built. */
function specOf(published: any): any {
  const { spec } = published.properties;
  for (const one of Object.values<any>(spec.properties)) {
    for (const property of Object.values<any>(one.properties ?? {})) delete property.description;
  }
  return spec;
}

const metadata = {
  allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
};
const text = { type: 'string' };

test('publishedSchema() says what the schema means, of embedded objects too', () => {
  const published: any = publishedSchema(gizmo);
  assert.equal(published.description, 'of a gizmo');
  assert.deepEqual(Object.keys(published.properties), ['apiVersion', 'kind', 'metadata', 'spec']);
  const { properties, required } = specOf(published);
  assert.deepEqual(required, ['null', 'port']);
  assert.deepEqual(properties.port, {
    'x-kubernetes-int-or-string': true,
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    default: 80,
  });
  assert.deepEqual(properties.any.properties, { a: text });
  assert.deepEqual(properties.exact.properties, { a: text });
  assert.deepEqual(properties.embedded, {
    type: 'object',
    'x-kubernetes-embedded-resource': true,
    required: ['kind', 'apiVersion'],
    properties: {
      apiVersion: text,
      kind: text,
      metadata,
      spec: { type: 'object', additionalProperties: true },
    },
  });
  assert.deepEqual(Object.keys(properties.open.properties), ['apiVersion', 'kind', 'metadata']);
});

test('publishedSwagger() shows no members where there may be others', () => {
  const { properties, required } = specOf(publishedSwagger(gizmo));
  assert.deepEqual(required, ['port']);
  assert.deepEqual(properties.null, {});
  assert.deepEqual(properties.port, { 'x-kubernetes-int-or-string': true });
  assert.deepEqual(properties.any, { 'x-kubernetes-preserve-unknown-fields': true });
  assert.deepEqual(properties.exact, { type: 'object', properties: { a: text } });
  assert.deepEqual(properties.embedded.required, ['kind', 'apiVersion']);
  assert.deepEqual(properties.open, {
    'x-kubernetes-embedded-resource': true,
    'x-kubernetes-preserve-unknown-fields': true,
  });
  assert.deepEqual(publishedSwagger({ ...gizmo, 'x-kubernetes-preserve-unknown-fields': true }), {
    type: 'object',
  });
});
