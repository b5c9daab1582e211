import assert from 'node:assert/strict';
import type { ResourceClient } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';

/** Resolves with an object, or undefined for its absence, once it is as wanted: at once where it is so already. */
export async function untilObject<T extends KubeObject>(
  api: ResourceClient<T>,
  name: string,
  holds: (object: T | undefined) => boolean,
): Promise<T | undefined> {
  const done = new AbortController();
  let current: T | undefined;
  let initialEventsEnded = false;
  await api.watch(
    ({ type, object }) => {
      if (type === 'ERROR' || done.signal.aborted) return;
      if (type === 'BOOKMARK') initialEventsEnded = true;
      else if (object.metadata.name !== name) return;
      else current = type === 'DELETED' ? undefined : object;
      if ((current !== undefined || initialEventsEnded) && holds(current)) done.abort();
    },
    { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true },
    done.signal,
  );
  assert.ok(done.signal.aborted, `the watch for ${name} ended too early`);
  return current;
}
