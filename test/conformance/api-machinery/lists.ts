import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../e2e/support/cluster.ts';
import type { Suite } from '../support/suite.ts';

const total = 400;

/** Creates numbered pod templates; gives the collection's path. */
async function templates({ api, namespace }: Suite): Promise<string> {
  const path = `/api/v1/namespaces/${await namespace('chunking')}/podtemplates`;
  const names = Array.from({ length: total }, (_, index) => `template-${String(index).padStart(4, '0')}`);
  const worker = async (): Promise<void> => {
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      await api.create(path, {
        apiVersion: 'v1',
        kind: 'PodTemplate',
        metadata: { name },
        template: { spec: { containers: [{ name: 'test', image: 'test2' }] } },
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return path;
}

export function lists(suite: Suite): void {
  const { api } = suite;
  test('Servers with support for API chunking should return chunks of results for list calls', async () => {
    const path = await templates(suite);
    for (const limit of [17, total / 3 + 1, total - 1]) {
      const size = Math.floor(limit);
      let found = 0;
      let token: string | undefined;
      let version: string | undefined;
      do {
        const query = `limit=${size}${token === undefined ? '' : `&continue=${encodeURIComponent(token)}`}`;
        const { metadata, items } = await api.get(`${path}?${query}`);
        version ??= metadata.resourceVersion;
        assert.equal(metadata.resourceVersion, version);
        assert.ok(items.length <= size);
        for (const item of items) {
          assert.equal(item.metadata.name, `template-${String(found).padStart(4, '0')}`);
          found += 1;
        }
        const left = total - found;
        assert.equal(metadata.remainingItemCount, left === 0 ? undefined : left);
        token = metadata.continue;
      } while (token !== undefined && token !== '');
      assert.equal(found, total);
    }
    const whole = await api.get(path);
    assert.equal(whole.items.length, total);
  });

  test('Servers with support for API chunking should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent', async () => {
    const path = await templates(suite);
    const first = await api.get(`${path}?limit=40`);
    const stale = encodeURIComponent(first.metadata.continue);
    await api.delete(`${path}/template-0200`);
    // The suite's server compacts often.
    const expired = await eventually('the token expires', async () => {
      const answer = await api.call('GET', `${path}?limit=40&continue=${stale}`);
      return answer.status === 410 && answer;
    });
    assert.equal(expired.body.reason, 'Expired');
    const token = encodeURIComponent(expired.body.metadata.continue);
    const next = await api.get(`${path}?limit=40&continue=${token}`);
    assert.equal(next.items[0].metadata.name, 'template-0040');
    assert.notEqual(next.metadata.resourceVersion, first.metadata.resourceVersion);
    const rest = await api.get(`${path}?continue=${encodeURIComponent(next.metadata.continue)}`);
    assert.equal(rest.items.length, total - 40 - 40 - 1);
  });

  test('Servers with support for Table transformation should return a 406 for a backend which does not implement metadata', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
    };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const answer = await api.call('POST', path, review, { accept });
    assert.equal(answer.status, 406);
  });
}
