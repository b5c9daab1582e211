import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { loopbackUser } from '../access/loopback-user.ts';
import { TestListener } from '../http/testing-listener.ts';
import { establish } from './testing-definitions.ts';

const group = 'wrong.example.com';
const version = (name: string, storage: boolean, member: string) => ({
  name,
  served: true,
  storage,
  schema: {
    openAPIV3Schema: {
      type: 'object',
      properties: { [member]: { type: 'object', properties: { size: { type: 'integer' } } } },
    },
  },
});

describe('an object of another version than that of its path', () => {
  let listener: TestListener;
  before(async () => {
    listener = await TestListener.start();
    await establish(new Client(listener.server.loopback(loopbackUser)), {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [version('v1', true, 'spec'), version('v2', false, 'data')],
      },
    } as unknown as KubeObject);
  });
  after(() => listener.close());

  const members = { metadata: { name: 'a' }, spec: { size: 1, x: 2 }, data: { size: 1 } };
  const mismatch = (apiVersion: string): string =>
    `the API version in the data (${apiVersion}) does not match the expected API version (${group}/v1)`;

  const cases: readonly [
    apiVersion: string,
    kind: string,
    warnings: string,
    query?: string,
    told?: string,
  ][] = [
    [`${group}/v2`, 'Thing', '299 - "unknown field \\"spec\\""'],
    [`${group}/v3`, 'Thing', '299 - "unknown field \\"data\\"", 299 - "unknown field \\"spec\\""'],
    ['other.example.com/v1', 'Thing', ''],
    [`${group}/v2`, 'Other', ''],
    [
      `${group}/v3`,
      'Thing',
      '',
      '?fieldValidation=Strict',
      'Thing in version "v3" cannot be handled as a Thing: strict decoding error: unknown field "data", unknown field "spec"',
    ],
    [`${group}/v2`, 'Other', '', '?fieldValidation=Strict'],
  ];

  for (const [apiVersion, kind, warnings, query = '', told = mismatch(apiVersion)] of cases) {
    test(`is looked at as what it says it is: ${kind} of ${apiVersion}${query}`, async () => {
      const answer = await listener.ask(`/apis/${group}/v1/namespaces/default/things${query}`, {
        method: 'POST',
        body: JSON.stringify({ apiVersion, kind, ...members }),
      });
      assert.equal(answer.code, 400);
      assert.equal((JSON.parse(answer.body) as { message: string }).message, told);
      assert.equal([answer.headers['warning'] ?? []].flat().join(', '), warnings);
    });
  }
});
