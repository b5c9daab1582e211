import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '@coxswain/client';
import { type KubeObject, silentLogger, systemClock } from '@coxswain/machinery';
import { openEmbeddedStore } from '@coxswain/store';
import { loopbackUser } from './access/loopback-user.ts';
import { startTestServer } from './testing-server.ts';

const maps = { group: '', version: 'v1', resource: 'configmaps' };

test('a watch goes on from its revision after the server was restarted', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'coxswain-restart-'));
  const open = () => openEmbeddedStore({ dir, clock: systemClock, logger: silentLogger });
  const first = await startTestServer({ store: await open() });
  const before = new Client(first.server.loopback(loopbackUser)).resource(maps, 'default');
  const made = await before.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'm' },
    data: { a: '1' },
  });
  await before.update({ ...made, data: { a: '2' } });
  await before.delete('m');
  await first.close();

  const second = await startTestServer({ store: await open() });
  const after = new Client(second.server.loopback(loopbackUser)).resource(maps, 'default');
  const seen: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = new AbortController();
  const watching = after.watch(
    ({ type, object }) => {
      seen.push(`${type} ${(object as KubeObject)['data'].a}`);
      if (seen.length === 3) resolve();
    },
    { resourceVersion: made.metadata.resourceVersion ?? '' },
    stop.signal,
  );
  await after.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'n' }, data: { a: '3' } });
  await promise;
  assert.deepEqual(seen, ['MODIFIED 2', 'DELETED 2', 'ADDED 3']);
  stop.abort();
  await watching;
  await second.close();
  rmSync(dir, { recursive: true });
});
