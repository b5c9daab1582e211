import assert from 'node:assert/strict';
import { test } from 'node:test';
import { negotiate } from './negotiate.ts';

const tables = (as: string, group: string, version: string): boolean =>
  as === 'Table' && group === 'meta.k8s.io' && version === 'v1';

test('negotiate() takes the first form the endpoint has, as kubectl offers them', () => {
  const accept =
    'application/json;as=Table;v=v9;g=meta.k8s.io,application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  const result = negotiate(accept, tables);
  assert.ok(typeof result === 'object');
  assert.deepEqual([result.format, result.as, result.asVersion], ['json', 'Table', 'v1']);
});

test('negotiate() prefers the higher quality', () => {
  const result = negotiate('application/json;q=0.5, application/yaml;q=0.9', tables);
  assert.ok(typeof result === 'object');
  assert.equal(result.format, 'yaml');
});

test('negotiate() tells an unknown media type from a form that is not there', () => {
  assert.equal(negotiate('text/html', tables), 'media-type');
  assert.equal(negotiate('application/json;as=Other;v=v1;g=meta.k8s.io', tables), 'form');
});

test('negotiate() answers in JSON when nothing is said', () => {
  for (const accept of [undefined, '', '*/*']) {
    const result = negotiate(accept, tables);
    assert.ok(typeof result === 'object');
    assert.deepEqual([result.format, result.as], ['json', '']);
  }
});
