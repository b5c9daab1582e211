import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Document, mergeSwagger } from './merge-openapi.ts';

const root = '/apis/a.example.com/v1';

test('mergeSwagger() takes the paths of one version and what they refer to', () => {
  const base: Document = {
    paths: { '/api/v1/pods': {} },
    definitions: { Same: { type: 'string' }, Other: { type: 'string' } },
  };
  mergeSwagger(
    base,
    {
      paths: {
        [`${root}/`]: {
          get: { schema: { $ref: '#/definitions/Top' }, parameters: [{ $ref: '#/parameters/p' }] },
        },
        [`${root}beta1/x`]: {},
        '/version': {},
      },
      definitions: {
        Top: { properties: { same: { $ref: '#/definitions/Same' }, other: { $ref: '#/definitions/Other' } } },
        Same: { type: 'string' },
        Other: { type: 'object', properties: { top: { $ref: '#/definitions/Top' } } },
        Unused: {},
      },
      parameters: { p: { name: 'p', in: 'query' } },
    },
    'a.example.com',
    'v1',
  );
  assert.deepEqual(Object.keys(base['paths']), ['/api/v1/pods', `${root}/`]);
  assert.deepEqual(base['definitions'], {
    Same: { type: 'string' },
    Other: { type: 'string' },
    Top: { properties: { same: { $ref: '#/definitions/Same' }, other: { $ref: '#/definitions/Other_v2' } } },
    Other_v2: { type: 'object', properties: { top: { $ref: '#/definitions/Top' } } },
  });
  assert.deepEqual(base['parameters'], { p: { name: 'p', in: 'query' } });
});
