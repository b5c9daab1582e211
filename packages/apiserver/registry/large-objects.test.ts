import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from '@coxswain/client';
import { loopbackUser } from '../access/loopback-user.ts';
import { startTestServer } from '../testing-server.ts';

test('patches of one large object at the same time are all done, each on what the others came to', async () => {
  const { server, close } = await startTestServer();
  const maps = new Client(server.loopback(loopbackUser)).resource(
    { group: '', version: 'v1', resource: 'configmaps' },
    'default',
  );
  const data = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`key-${i}`, 'x'.repeat(60)]));
  await maps.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'large' }, data });
  const writers = [...Array(8).keys()];
  await Promise.all(
    writers.map((i) =>
      maps.patch('large', 'application/merge-patch+json', { data: { [`key-${i}`]: `of ${i}` } }),
    ),
  );
  const large = await maps.get('large');
  for (const i of writers) assert.equal(large['data'][`key-${i}`], `of ${i}`);
  assert.equal(Object.keys(large['data']).length, 3_000);
  await close();
});
