import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiRequest, RegistryContext } from './context.ts';
import { execute } from './execute.ts';

test('execute() does nothing any more when the store comes back after the client was told that its time is over', async () => {
  const { promise: fresh, resolve } = Promise.withResolvers<void>();
  const context = {
    watchCache: { freshen: () => fresh },
    specials: { creation: () => assert.fail('the object is made') },
  } as unknown as RegistryContext;
  const client = { writableEnded: false };
  const resource = { groupResource: { group: '', resource: 'configmaps' } };
  const request = { verb: 'create', subresource: '', query: {}, resource, client } as unknown as ApiRequest;
  const done = execute(context, request);
  client.writableEnded = true;
  resolve();
  await assert.rejects(Promise.resolve(done), { code: 504, reason: 'Timeout' });
});
