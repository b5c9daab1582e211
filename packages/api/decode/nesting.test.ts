import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxNesting, maxStoredNesting } from '@coxswain/machinery';
import { typeOfKind } from '../facts.ts';
import { decodeProtobuf, encodeProtobuf } from '../protobuf/envelope.ts';
import { decodeJson, decodeValue, parseJson } from './decode-json.ts';
import { decodeYaml } from './decode-yaml.ts';

const revision = typeOfKind({ group: 'apps', version: 'v1', kind: 'ControllerRevision' })!;
const definition = typeOfKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
})!;
const tooDeep = /exceeded max depth/;

const textOf = (depth: number): string => `{"data":${'{"a":'.repeat(depth - 2)}{}${'}'.repeat(depth - 2)}}`;
const parsed = (depth: number): unknown => JSON.parse(textOf(depth));
/** A definition whose schema has so many others in it. */
function schemas(count: number): { readonly [name: string]: unknown } {
  let schema: unknown = { type: 'string' };
  for (let i = 0; i < count; i++) schema = { type: 'array', items: schema };
  return { spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: schema } }] } };
}

test('documents may be nested as deep as every walker follows, and no deeper', () => {
  for (const strict of [true, false]) {
    decodeJson(textOf(maxNesting), revision, { strict });
    decodeValue(parsed(maxNesting), revision, { strict });
    decodeYaml(textOf(maxNesting), revision, { strict });
    parseJson(textOf(maxNesting));
    for (const depth of [maxNesting + 1, 5_000, 100_000]) {
      assert.throws(() => decodeJson(textOf(depth), revision, { strict }), tooDeep);
      assert.throws(() => decodeJson(textOf(depth).slice(0, -1), revision, { strict }), /Json|depth/);
      const depthOfValue = depth + maxStoredNesting - maxNesting;
      assert.throws(() => decodeValue(parsed(depthOfValue), revision, { strict }), tooDeep);
      assert.throws(() => decodeYaml(textOf(depth), revision, { strict }), tooDeep);
      assert.throws(() => decodeYaml('- '.repeat(depth), undefined, { strict }), tooDeep);
      assert.throws(() => parseJson(textOf(depth)), tooDeep);
    }
  }
});

test('schemas in one another count as any other nesting', () => {
  decodeValue(schemas(400), definition, { strict: true });
  assert.throws(() => decodeValue(schemas(600), definition, { strict: true }), tooDeep);
  const bytes = (count: number): Buffer =>
    encodeProtobuf({ apiVersion: 'apiextensions.k8s.io/v1', ...schemas(count) }, definition);
  decodeProtobuf(bytes(400), definition);
  for (const count of [550, 800]) assert.throws(() => decodeProtobuf(bytes(count), definition), tooDeep);
});
