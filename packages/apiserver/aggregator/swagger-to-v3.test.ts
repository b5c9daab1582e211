import assert from 'node:assert/strict';
import { test } from 'node:test';
import { swaggerToV3 } from './swagger-to-v3.ts';

test('swaggerToV3() puts bodies, answers, parameters and schemas where version 3 has them', () => {
  const converted = swaggerToV3({
    swagger: '2.0',
    info: { title: 't', version: 'v' },
    consumes: ['application/json'],
    parameters: { pretty: { name: 'pretty', in: 'query', type: 'string', uniqueItems: true } },
    paths: {
      '/apis/a/v1/x': {
        parameters: [{ $ref: '#/parameters/pretty' }],
        post: {
          operationId: 'createX',
          schemes: ['https'],
          produces: ['application/json', 'application/yaml'],
          parameters: [
            { name: 'body', in: 'body', required: true, schema: { $ref: '#/definitions/X' } },
            { name: 'dryRun', in: 'query', type: 'string', description: 'd' },
          ],
          responses: {
            200: { description: 'OK', schema: { $ref: '#/definitions/X' } },
            401: { description: 'no' },
          },
          'x-kubernetes-action': 'post',
        },
      },
    },
    definitions: { X: { type: 'object', properties: { next: { $ref: '#/definitions/X' } } } },
  });
  const x = { schema: { $ref: '#/components/schemas/X' } };
  assert.deepEqual(converted, {
    openapi: '3.0.0',
    info: { title: 't', version: 'v' },
    paths: {
      '/apis/a/v1/x': {
        post: {
          operationId: 'createX',
          'x-kubernetes-action': 'post',
          parameters: [{ name: 'dryRun', in: 'query', description: 'd', schema: { type: 'string' } }],
          requestBody: { content: { 'application/json': x }, required: true },
          responses: {
            200: { description: 'OK', content: { 'application/json': x, 'application/yaml': x } },
            401: { description: 'no' },
          },
        },
        parameters: [{ name: 'pretty', in: 'query', schema: { type: 'string', uniqueItems: true } }],
      },
    },
    components: {
      schemas: { X: { type: 'object', properties: { next: { $ref: '#/components/schemas/X' } } } },
    },
  });
});
