import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestListener } from '../testing-listener.ts';

test('lists are counted by where they were answered from, and by what they looked at and gave', async () => {
  const listener = await TestListener.start();
  const maps = '/api/v1/namespaces/default/secrets';
  const versions: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    const body = JSON.stringify({ metadata: { name, labels: { of: name } } });
    const answer = await listener.ask(maps, { method: 'POST', body });
    versions.push(JSON.parse(answer.body).metadata.resourceVersion);
  }
  await listener.ask(maps);
  await listener.ask(`${maps}?labelSelector=of%3Da`);
  await listener.ask(`${maps}?resourceVersion=${versions[1]}&resourceVersionMatch=Exact`);
  const lines = new Set((await listener.ask('/metrics')).body.split('\n'));
  const of = 'group="",resource="secrets"';
  for (const line of [
    `apiserver_cache_list_total{group="",index="",resource="secrets"} 2`,
    `apiserver_cache_list_fetched_objects_total{group="",index="",resource="secrets"} 6`,
    `apiserver_cache_list_returned_objects_total{${of}} 4`,
    `apiserver_storage_list_total{${of}} 1`,
    `apiserver_storage_list_fetched_objects_total{${of}} 2`,
    `apiserver_storage_list_evaluated_objects_total{${of}} 2`,
    `apiserver_storage_list_returned_objects_total{${of}} 2`,
    `apiserver_storage_events_received_total{${of}} 3`,
    `apiserver_watch_cache_initializations_total{${of}} 1`,
    // The third was of a revision that may be gone from the cache.
    `apiserver_watch_cache_consistent_read_total{fallback="false",${of},success="true"} 2`,
    `apiserver_watch_cache_read_wait_seconds_count{${of}} 2`,
    `apiserver_watch_cache_events_received_total{${of}} 3`,
    `apiserver_watch_cache_events_dispatched_total{${of}} 3`,
  ]) {
    assert.ok(lines.has(line), line);
  }
  await listener.close();
});
