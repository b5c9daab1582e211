import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KubeObject, type StatusError, VirtualClock } from '@coxswain/machinery';
import { MemoryStore } from '@coxswain/store';
import { encodeStored } from '../encode.ts';
import { WatchCache } from '../watch-cache.ts';
import { encodeContinue } from './continue-token.ts';
import { type ListedEntries, type ListRequest, listEntries } from './list-entries.ts';

const maps = { group: '', resource: 'configmaps', namespaced: true };

/** The answer to who asks for a revision that does not come. @param after when it may be asked again, in seconds */
const tooLarge =
  (after: number | undefined) =>
  (error: StatusError): boolean => {
    assert.equal(
      error.message.replace(/current: \d+/, 'current: N'),
      'Timeout: Too large resource version: 999, current: N',
    );
    assert.equal(error.status.details?.retryAfterSeconds, after);
    return true;
  };

/** A cluster of config maps. */
class Maps {
  readonly clock = new VirtualClock();
  readonly store = new MemoryStore({ clock: this.clock });
  readonly watchCache = new WatchCache(this.store, this.clock);

  static async of(...names: readonly string[]): Promise<Maps> {
    const cluster = new Maps();
    await cluster.watchCache.start(() => {});
    cluster.watchCache.resource(maps);
    for (const name of names) await cluster.put(name);
    return cluster;
  }

  async put(name: string, labels: Record<string, string> = {}): Promise<number> {
    const object: KubeObject = {
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name, namespace: 'a', labels },
    };
    const key = `/registry/configmaps/a/${name}`;
    const old = await this.store.get(key);
    const value = encodeStored(object);
    const written =
      old === undefined
        ? await this.store.create(key, value)
        : await this.store.update(key, value, old.modRevision);
    return written.revision;
  }

  list(request: Partial<ListRequest>): Promise<ListedEntries> {
    return listEntries(this.watchCache, this.watchCache.resource(maps), {
      namespace: 'a',
      name: '',
      limit: 0,
      continue: '',
      resourceVersion: '',
      resourceVersionMatch: '',
      ...request,
    });
  }

  async names(request: Partial<ListRequest>): Promise<string> {
    const { entries } = await this.list(request);
    return entries.map((entry) => entry.object.metadata.name).join(' ');
  }
}

function tokenOf({ continue: token = '' }: ListedEntries): unknown {
  return JSON.parse(Buffer.from(token, 'base64url').toString());
}

const labelled = (name: string, value: string): Partial<ListRequest> => ({
  labels: [{ name, values: [value] }],
  matches: (entry) => entry.labels?.[name] === value,
});

test('listEntries() goes on right behind the last object, whatever is there by then', async () => {
  const cluster = await Maps.of('a', 'b', 'c');
  const page = await cluster.list({ limit: 1 });
  assert.deepEqual(tokenOf(page), { v: 'meta.k8s.io/v1', rv: page.revision, start: '/a\0' });
  await cluster.put('ab');
  assert.equal(await cluster.names({ continue: page.continue ?? '' }), 'b c');
  const ofNow = encodeContinue({ revision: -1, start: 'a\0' });
  assert.equal(await cluster.names({ continue: ofNow }), 'ab b c');
  const everywhere = await cluster.list({ namespace: '', limit: 1 });
  assert.equal((tokenOf(everywhere) as { start: string }).start, '/a/a\0');
});

test('listEntries() pages through a state of before, and counts what is left of it', async () => {
  const cluster = await Maps.of('a', 'b', 'c');
  const version = String(cluster.watchCache.revision);
  await cluster.put('d');
  const page = await cluster.list({ limit: 1, resourceVersion: version });
  assert.deepEqual([page.remaining, page.revision], [2, Number(version)]);
  const next = await cluster.list({ limit: 1, continue: page.continue ?? '' });
  assert.deepEqual([next.remaining, next.entries[0]?.object.metadata.name], [1, 'b']);
});

test('listEntries() says that there is more where objects follow that are not wanted', async () => {
  const cluster = await Maps.of();
  // Enough for an index by labels, which knows nothing of the others.
  for (let i = 0; i < 200; i++) await cluster.put(`m${String(i).padStart(3, '0')}`, { few: String(i % 100) });
  const page = await cluster.list({ ...labelled('few', '5'), limit: 2 });
  assert.equal((tokenOf(page) as { start: string }).start, '/m105\0');
  assert.equal(page.remaining, undefined);
  const rest = await cluster.list({ ...labelled('few', '5'), limit: 2, continue: page.continue ?? '' });
  assert.deepEqual([rest.entries.length, rest.continue], [0, undefined]);
  const last = await cluster.list({ ...labelled('few', '99'), limit: 2 });
  assert.equal(last.continue, undefined);
});

test('listEntries() gives all of any state, but pages what is called 00', async () => {
  const cluster = await Maps.of('a', 'b', 'c');
  assert.equal(await cluster.names({ limit: 1, resourceVersion: '0' }), 'a b c');
  assert.equal(await cluster.names({ limit: 1, resourceVersion: '00' }), 'a');
});

test('listEntries() looks at the token before the version beside it', async () => {
  const cluster = await Maps.of('a');
  const token = encodeContinue({ revision: 1, start: 'a' });
  await assert.rejects(cluster.list({ continue: token, resourceVersion: 'x' }), {
    message: 'specifying resource version is not allowed when using continue',
  });
  await assert.rejects(cluster.list({ continue: '!', resourceVersion: 'x' }), {
    message: 'invalid continue token: continue key is not valid: illegal base64 data at input byte 0',
  });
});

const future: readonly Partial<ListRequest>[] = [
  { resourceVersion: '999' },
  { resourceVersion: '999', limit: 1 },
  { resourceVersion: '999', resourceVersionMatch: 'Exact' },
  { resourceVersion: '999', resourceVersionMatch: 'NotOlderThan', limit: 1 },
  { continue: encodeContinue({ revision: 999, start: 'a' }) },
  { name: 'a', resourceVersion: '999' },
];
for (const request of future) {
  test(`listEntries() waits for the future of ${JSON.stringify(request)}`, async () => {
    const cluster = await Maps.of('a');
    const refused = assert.rejects(cluster.list(request), tooLarge(1));
    await cluster.clock.advance(3000);
    await refused;
  });
}

test('listEntries() of one object knows only Exact states of before, and no tokens', async () => {
  const cluster = await Maps.of('one', 'one-more');
  const version = String(cluster.watchCache.revision);
  const now = await cluster.put('one', { new: 'yes' });
  const one = (request: Partial<ListRequest>) => cluster.list({ name: 'one', ...request });
  const exact = await one({ resourceVersion: version, resourceVersionMatch: 'Exact', limit: 1 });
  assert.deepEqual([exact.revision, exact.entries[0]?.labels?.['new']], [Number(version), undefined]);
  for (const request of [{ limit: 1 }, { limit: 1, resourceVersion: version }, { continue: 'nonsense' }]) {
    const listed = await one(request);
    assert.deepEqual(
      [listed.revision, listed.entries[0]?.labels?.['new'], listed.continue],
      [now, 'yes', undefined],
    );
  }
  assert.equal(
    await cluster.names({ name: 'on', resourceVersion: version, resourceVersionMatch: 'Exact' }),
    '',
  );
  for (const request of [{ limit: 1 }, { resourceVersionMatch: 'Exact' }]) {
    await assert.rejects(one({ resourceVersion: '999', ...request }), tooLarge(undefined));
  }
});
