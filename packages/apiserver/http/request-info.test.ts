import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRequestInfo } from './request-info.ts';

const shown = (method: string, path: string, watch = false): string => {
  const i = parseRequestInfo(method, path, watch);
  if (!i.resourceRequest) return `${i.verb} ${i.path}`;
  const resource = i.subresource === '' ? i.resource : `${i.resource}/${i.subresource}`;
  return `${i.verb} ${i.apiVersion} ${resource} ns=${i.namespace} name=${i.name}${i.rest === '' ? '' : ` rest=${i.rest}`}`;
};

const cases: readonly [string, string, string, boolean?][] = [
  ['GET', '/api/v1/pods', 'list v1 pods ns= name='],
  ['GET', '/api/v1/pods', 'watch v1 pods ns= name=', true],
  ['GET', '/api/v1/namespaces/a/pods', 'list v1 pods ns=a name='],
  ['GET', '/api/v1/namespaces/a/pods/b', 'get v1 pods ns=a name=b'],
  ['POST', '/api/v1/namespaces/a/pods/b/exec', 'create v1 pods/exec ns=a name=b'],
  ['GET', '/api/v1/namespaces/a', 'get v1 namespaces ns=a name=a'],
  ['PUT', '/api/v1/namespaces/a/finalize', 'update v1 namespaces/finalize ns=a name=a'],
  ['DELETE', '/apis/apps/v1/namespaces/a/deployments', 'deletecollection apps/v1 deployments ns=a name='],
  ['DELETE', '/apis/apps/v1/namespaces/a/deployments/d', 'delete apps/v1 deployments ns=a name=d'],
  ['GET', '/api/v1/watch/namespaces/a/configmaps/w', 'watch v1 configmaps ns=a name=w'],
  ['GET', '/api/v1/namespaces/a/pods/b%3A8080/proxy/x/y', 'get v1 pods/proxy ns=a name=b:8080 rest=/x/y'],
  ['GET', '/api/v1/namespaces/a/services/s/proxy/', 'get v1 services/proxy ns=a name=s rest=/'],
  ['GET', '/api/v1/namespaces/a/configmaps/b%2Fc', 'get v1 configmaps/c ns=a name=b'],
  ['GET', '/api/v1/namespaces/a/pods/b/proxy/x%20y', 'get v1 pods/proxy ns=a name=b rest=/x%20y'],
  ['GET', '/api/v1/proxy/nodes/a/b', 'proxy v1 nodes ns= name=a'],
  ['GET', '/apis/apps/v1', 'get /apis/apps/v1'],
  ['GET', '/healthz', 'get /healthz'],
  ['POST', '/version', 'post /version'],
];

for (const [method, path, expected, watch] of cases) {
  test(`parseRequestInfo() reads ${method} ${path} as ${expected}`, () => {
    assert.equal(shown(method, path, watch), expected);
  });
}

test('parseRequestInfo() refuses a path that Go could not read', () => {
  assert.throws(() => parseRequestInfo('GET', '/api/v1/namespaces/%zz', false), {
    code: 'ERR_MALFORMED_URL',
  });
});

test('parseRequestInfo() refuses a path that ends with a verb in front of nothing', () => {
  for (const path of ['/api/v1/watch', '/apis/apps/v1/proxy', '/apis/apps/v1/watch/']) {
    assert.throws(() => parseRequestInfo('GET', path, false, `${path}?a=b`), {
      code: 'ERR_REQUEST_INFO',
      message: `failed to create RequestInfo: unable to determine kind and namespace from url, ${path}?a=b`,
    });
  }
});
