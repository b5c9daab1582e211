import assert from 'node:assert/strict';
import { it } from 'node:test';
import { LineSplitter } from './line-splitter.ts';
import { resourceUrl } from './resource-path.ts';

it('LineSplitter gives the same lines however the bytes are cut', () => {
  const bytes = Buffer.from('first\n\nzweite Zeile äöü €\n{"third":3}\nrest');
  for (let size = 1; size <= bytes.length; size++) {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size));
    assert.deepEqual(lines, ['first', 'zweite Zeile äöü €', '{"third":3}']);
    assert.equal(splitter.pending, true);
    splitter.push(Buffer.from('\n'));
    assert.equal(lines.at(-1), 'rest');
    assert.equal(splitter.pending, false);
  }
});

it('resourceUrl() builds the paths of client-go', () => {
  const core = { group: '', version: 'v1', resource: 'pods' };
  const apps = { group: 'apps', version: 'v1', resource: 'deployments' };
  assert.equal(resourceUrl(core), '/api/v1/pods');
  assert.equal(
    resourceUrl({ ...core, namespace: 'a', name: 'b', subresource: 'log' }),
    '/api/v1/namespaces/a/pods/b/log',
  );
  assert.equal(
    resourceUrl({ ...apps, namespace: 'a' }, true),
    '/apis/apps/v1/namespaces/a/deployments?watch=true',
  );
  assert.equal(
    resourceUrl({
      ...core,
      options: { limit: 5, labelSelector: 'a in (b,c)', continue: '', allowWatchBookmarks: true },
    }),
    '/api/v1/pods?allowWatchBookmarks=true&labelSelector=a+in+%28b%2Cc%29&limit=5',
  );
  assert.equal(resourceUrl({ ...core, name: 'a b/c' }), '/api/v1/pods/a%20b%2Fc');
  assert.throws(() => resourceUrl({ ...core, subresource: 'status' }), /a name is required/);
});
