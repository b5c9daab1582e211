import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesAny, negotiate, noTransform } from './negotiate.ts';

const tables = (as: string, group: string, version: string): boolean =>
  as === '' || (as === 'Table' && group === 'meta.k8s.io' && version === 'v1');

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

const formOf = (accept: string): string => {
  const result = negotiate(accept, noTransform);
  return typeof result === 'string' ? result : result.format;
};

test('negotiate() takes what is named before what is not, as upstream sorts them', () => {
  assert.equal(formOf('*/*, application/yaml'), 'yaml');
  assert.equal(formOf('*/*, application/yaml;q=0.5'), 'yaml');
  assert.equal(formOf('application/yaml;q=0.5, */*'), 'json');
  assert.equal(formOf('text/html, application/*'), 'json');
});

test('negotiate() skips clauses with part of a transformation, and streams that there are not', () => {
  assert.equal(formOf('application/yaml;v=v1, application/json'), 'json');
  assert.equal(formOf('application/yaml;stream=watch, application/json;stream=watch'), 'json');
  assert.equal(formOf('application/json;stream=other'), 'form');
});

test('namesAny() looks for media types by name, as the router does', () => {
  const types = ['application/json', 'application/yaml'];
  for (const accept of [undefined, '', '*/*', 'text/html, application/yaml;q=0.1', 'a/b, */*;q=0.1']) {
    assert.ok(namesAny(accept, types), accept);
  }
  for (const accept of ['application/*', 'text/html', 'Application/YAML']) {
    assert.ok(!namesAny(accept, types), accept);
  }
});
