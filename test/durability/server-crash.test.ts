import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { type Client, ConnectionError, type ResourceClient } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { ApiProcess } from '../support/api-process.ts';
import { countFromEnvironment, SeededRandom, seedOfRun } from '../support/seeded-random.ts';

interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** What is known of one object, which one writer alone writes. */
interface Known {
  /** Text and resource version of what the last acknowledged write has left; absent: no object. */
  acknowledged: { readonly text: string; readonly version: number } | undefined;
  /** What the write under way would leave; `none` where there is none. */
  begun: string | undefined | typeof none;
}

const none = Symbol('no write is under way');
const crashes = countFromEnvironment('COX_SERVER_CRASHES', 36);
const writers = 12;
const random = new SeededRandom(seedOfRun());
const root = mkdtempSync(join(tmpdir(), 'coxswain-crash-'));
let server: ApiProcess | undefined;
after(async () => {
  await server?.kill();
  rmSync(root, { recursive: true, force: true });
});

const configMaps = (client: Client): ResourceClient<ConfigMap> =>
  client.resource<ConfigMap>({ group: '', version: 'v1', resource: 'configmaps' }, 'default');
const versionOf = (object: KubeObject): number => Number(object.metadata.resourceVersion);
const known = new Map<string, Known>();
let written = 0;
/** The resource version of each acknowledged create and update of this life of the server. */
let versions = new Map<string, string>();

/** Creates, updates and deletes objects of its own until the server is gone. */
async function write(id: number, api: ResourceClient<ConfigMap>, onWritten: () => void): Promise<void> {
  for (let i = 0; ; i++) {
    const name = `w${id}-${random.below(4)}`;
    const own = known.get(name) ?? { acknowledged: undefined, begun: none };
    known.set(name, own);
    const text = `${i} ${'x'.repeat(random.below(2_000))}`;
    const gone = own.acknowledged !== undefined && random.oneIn(4);
    own.begun = gone ? undefined : text;
    try {
      if (gone) {
        await api.delete(name);
        own.acknowledged = undefined;
      } else {
        const version = own.acknowledged?.version;
        const resourceVersion = version === undefined ? {} : { resourceVersion: String(version) };
        const body = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name, ...resourceVersion },
          data: { text },
        };
        const object = await (version === undefined ? api.create(body) : api.update(body));
        own.acknowledged = { text, version: versionOf(object) };
        versions.set(String(object.metadata.resourceVersion), name);
      }
    } catch (error) {
      if (error instanceof ConnectionError) return;
      throw error;
    }
    own.begun = none;
    written++;
    onWritten();
  }
}

/** The server has what was acknowledged, or what was under way; it is taken for known from now on. */
function check(there: ReadonlyMap<string, ConfigMap>): void {
  for (const [name, own] of known) {
    const object = there.get(name);
    const text = object?.data?.['text'];
    if (text === own.acknowledged?.text) {
      if (object !== undefined) assert.equal(versionOf(object), own.acknowledged?.version, name);
    } else {
      assert.notEqual(own.begun, none, `${name} holds ${text}, not what was acknowledged`);
      assert.equal(text, own.begun, name);
    }
    own.acknowledged = object && { text: text ?? '', version: versionOf(object) };
    own.begun = none;
  }
}

/** Goes on with a watch from where it was, until it has come to the list's version. */
async function follow(
  api: ResourceClient<ConfigMap>,
  cache: Map<string, ConfigMap>,
  from: string,
  until: number,
): Promise<Set<string>> {
  const seen = new Set<string>();
  const stop = new AbortController();
  const options = { resourceVersion: from, allowWatchBookmarks: true };
  const watching = api.watch(
    (event) => {
      assert.notEqual(event.type, 'ERROR', JSON.stringify(event.object));
      if (event.type === 'ERROR') return;
      const object = event.object as ConfigMap;
      const name = object.metadata.name ?? '';
      if (event.type === 'DELETED') cache.delete(name);
      else if (event.type !== 'BOOKMARK') {
        cache.set(name, object);
        seen.add(String(object.metadata.resourceVersion));
      }
      if (versionOf(object) >= until) stop.abort();
    },
    options,
    stop.signal,
  );
  await watching.catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return seen;
}

it(`a server that is killed ${crashes} times under load has what it acknowledged, and watches go on`, async (t) => {
  const dir = join(root, 'data');
  const cache = new Map<string, ConfigMap>();
  let from: string | undefined;
  for (let life = 0; life <= crashes; life++) {
    server = await ApiProcess.start({ command: 'apiserver', dir });
    const api = configMaps(server.client);
    if (from !== undefined) {
      // The end of the history is a write that the watch is sure to hear of.
      const name = `end-${life}`;
      const end = await api.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
      const seen = await follow(api, cache, from, versionOf(end));
      for (const [version, of] of versions)
        assert.ok(seen.has(version), `${of} of version ${version} was told`);
    }
    const list = await api.list();
    const there = new Map(list.items.map((each) => [each.metadata.name ?? '', each]));
    if (from !== undefined) assert.deepEqual(shown(cache), shown(there), 'the watch tells what the list has');
    check(there);
    for (const [name, object] of there) cache.set(name, object);
    from = String(list.metadata?.resourceVersion);
    versions = new Map();
    if (life === crashes) break;
    let left = 1 + random.below(2 ** (2 + random.below(8)));
    const running = server;
    const killed = Promise.withResolvers<void>();
    const writing = Array.from({ length: writers }, (_, id) =>
      write(id, api, () => {
        if (--left === 0) killed.resolve(running.kill());
      }),
    );
    await Promise.all([killed.promise, ...writing]);
  }
  await server?.stop();
  t.diagnostic(`${written} acknowledged writes`);
});

function shown(objects: ReadonlyMap<string, ConfigMap>): string[] {
  return [...objects].map(([name, object]) => `${name}@${versionOf(object)}`).sort();
}
