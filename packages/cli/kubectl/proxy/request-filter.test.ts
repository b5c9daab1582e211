import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptHosts, acceptPaths, RequestFilter, rejectPaths } from './request-filter.ts';

const usual = { acceptHosts, acceptPaths, rejectPaths, rejectMethods: '^$' };

const cases = [
  [usual, 'GET', '/api/v1/pods', 'localhost:8001', true],
  [usual, 'GET', '/api/v1/pods', '127.0.0.1:8001', true],
  [usual, 'GET', '/api/v1/pods', '[::1]:8001', true],
  [usual, 'GET', '/api/v1/pods', 'example.com', false],
  [usual, 'POST', '/api/v1/namespaces/a/pods/b/exec', 'localhost', false],
  [usual, 'POST', '/api/v1/namespaces/a/pods/b/attach', 'localhost', false],
  [usual, 'GET', '/api/v1/namespaces/a/pods/b/log', 'localhost', true],
  [{ ...usual, rejectMethods: 'POST,PUT' }, 'PUT', '/x', 'localhost', false],
  [{ ...usual, rejectMethods: 'POST,PUT' }, 'GET', '/x', 'localhost', true],
  [{ ...usual, acceptPaths: '^/healthz$' }, 'GET', '/x', 'localhost', false],
] as const;

for (const [texts, method, path, host, accepted] of cases) {
  test(`RequestFilter.accepts() says ${accepted} to ${method} ${host}${path}`, () => {
    assert.equal(new RequestFilter(texts).accepts(method, path, host), accepted);
  });
}

test('an expression that is none is told', () => {
  assert.throws(() => new RequestFilter({ ...usual, acceptPaths: '(' }), /Error compiling re: /);
});
