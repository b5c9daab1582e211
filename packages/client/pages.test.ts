import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type KubeList, newStatusError } from '@coxswain/machinery';
import { Client } from './client.ts';
import { listAll, pages } from './pages.ts';
import type { RequestOptions, ResourceRequest, Transport } from './transport.ts';

const names = ['a', 'b', 'c', 'd', 'e'];

/** A list of five objects; its revision may go while it is read. */
function listing(expireAt?: string): {
  readonly asked: (RequestOptions | undefined)[];
  readonly client: Client;
} {
  const asked: (RequestOptions | undefined)[] = [];
  const request = async ({ options }: ResourceRequest): Promise<KubeList> => {
    asked.push(options);
    if (options?.continue !== undefined && options.continue === expireAt) {
      throw newStatusError({ code: 410, reason: 'Expired', message: 'the continue token is too old' });
    }
    const start = Number(options?.continue ?? 0);
    const end = options?.limit === undefined ? names.length : start + options.limit;
    const items = names
      .slice(start, end)
      .map((name) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name } }));
    const more = end < names.length ? { continue: String(end) } : {};
    return { apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion: '7', ...more }, items };
  };
  return { asked, client: new Client({ request } as unknown as Transport) };
}

const pods = { group: '', version: 'v1', resource: 'pods' };

it('pages() gives one list after the other, and names the revision once', async () => {
  const { asked, client } = listing();
  const sizes: number[] = [];
  const options = {
    limit: 2,
    labelSelector: 'x',
    resourceVersion: '5',
    resourceVersionMatch: 'Exact' as const,
  };
  for await (const page of pages(client.resource(pods), options)) sizes.push(page.items.length);
  assert.deepEqual(sizes, [2, 2, 1]);
  assert.deepEqual(asked, [
    { labelSelector: 'x', resourceVersion: '5', resourceVersionMatch: 'Exact', limit: 2 },
    { labelSelector: 'x', limit: 2, continue: '2' },
    { labelSelector: 'x', limit: 2, continue: '4' },
  ]);
});

it('listAll() lists all at once when the revision is gone, and gives each object once', async () => {
  const { asked, client } = listing('2');
  const found = await listAll(client.resource(pods), { limit: 2 });
  assert.deepEqual(
    found.map((object) => object.metadata.name),
    names,
  );
  assert.deepEqual(asked.at(-1), {});
});

it('listAll() throws what is no lost revision', async () => {
  const failure = newStatusError({ code: 403, reason: 'Forbidden', message: 'no' });
  const client = new Client({ request: () => Promise.reject(failure) } as unknown as Transport);
  await assert.rejects(listAll(client.resource(pods)), failure);
});
