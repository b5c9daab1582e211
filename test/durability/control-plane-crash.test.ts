import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import { type Client, ConnectionError, type ResourceClient } from '@coxswain/client';
import type { KubeObject } from '@coxswain/machinery';
import { ApiProcess } from '../support/api-process.ts';
import { countFromEnvironment, SeededRandom, seedOfRun } from '../support/seeded-random.ts';

/** Kills of `cox server` while its controllers work; more: `COX_CONTROL_PLANE_CRASHES=200`. */
const crashes = countFromEnvironment('COX_CONTROL_PLANE_CRASHES', 12);
const writers = 6;
const random = new SeededRandom(seedOfRun());
const root = mkdtempSync(join(tmpdir(), 'coxswain-crash-'));
let server: ApiProcess | undefined;
after(async () => {
  await server?.kill();
  rmSync(root, { recursive: true, force: true });
});

/** How many replicas a deployment was last told to have; 0: there is no deployment. */
interface Known {
  acknowledged: number;
  /** What the write under way would leave; absent where there is none. */
  begun?: number | undefined;
}

const known = new Map<string, Known>();
const apps = (client: Client, resource: string): ResourceClient =>
  client.resource({ group: 'apps', version: 'v1', resource }, 'default');
const podsOf = (client: Client): ResourceClient =>
  client.resource({ group: '', version: 'v1', resource: 'pods' }, 'default');

function deployment(name: string, replicas: number): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  };
}

/** Makes, scales and deletes deployments of its own until the server is gone. */
async function write(id: number, client: Client, onWritten: () => void): Promise<void> {
  const api = apps(client, 'deployments');
  for (;;) {
    const name = `w${id}-${random.below(3)}`;
    const own = known.get(name) ?? { acknowledged: 0 };
    known.set(name, own);
    const replicas = own.acknowledged > 0 && random.oneIn(4) ? 0 : 1 + random.below(4);
    own.begun = replicas;
    try {
      if (replicas === 0) await api.delete(name, { propagationPolicy: 'Background' });
      else if (own.acknowledged === 0) await api.create(deployment(name, replicas));
      else await api.patch(name, 'application/merge-patch+json', { spec: { replicas } });
    } catch (error) {
      if (error instanceof ConnectionError) return;
      throw error;
    }
    own.acknowledged = replicas;
    own.begun = undefined;
    onWritten();
  }
}

/** The server has the deployments that were acknowledged, or that were under way; they are taken for known. */
async function check(client: Client): Promise<void> {
  const { items } = await apps(client, 'deployments').list();
  const there = new Map(items.map((each) => [each.metadata.name ?? '', each['spec'].replicas as number]));
  for (const [name, own] of known) {
    const replicas = there.get(name) ?? 0;
    if (replicas !== own.acknowledged) {
      assert.equal(replicas, own.begun, `${name}: ${own.acknowledged} replicas were acknowledged`);
    }
    own.acknowledged = replicas;
    own.begun = undefined;
  }
}

/** What is not yet as the deployments say: nothing when the controllers have caught up. */
async function differences(client: Client): Promise<string[]> {
  const found: string[] = [];
  const sets = (await apps(client, 'replicasets').list()).items;
  const pods = (await podsOf(client).list()).items;
  const count = (of: readonly KubeObject[], name: string): number =>
    of.filter((each) => each.metadata.labels?.['app'] === name).length;
  for (const [name, { acknowledged }] of known) {
    const wanted = acknowledged === 0 ? '0 sets, 0 pods' : `1 sets, ${acknowledged} pods`;
    const is = `${count(sets, name)} sets, ${count(pods, name)} pods`;
    if (is !== wanted) found.push(`${name} has ${is} and wants ${wanted}`);
  }
  const owners = new Set([...sets, ...pods].map((each) => each.metadata.uid));
  for (const pod of pods) {
    const [owner] = pod.metadata.ownerReferences ?? [];
    if (owner === undefined || !owners.has(owner.uid)) found.push(`${pod.metadata.name} is nobody's`);
  }
  return found;
}

/** Resolves when the controllers have made what the deployments say; looks again whenever a pod or a set changes. */
async function converged(client: Client): Promise<void> {
  const stop = new AbortController();
  let changed = Promise.withResolvers<void>();
  const onEvent = (): void => changed.resolve();
  const watching = [podsOf(client), apps(client, 'replicasets')].map((api) =>
    api.watch(onEvent, {}, stop.signal).catch((error: unknown) => {
      if (!stop.signal.aborted) throw error;
    }),
  );
  try {
    while ((await differences(client)).length > 0) {
      await Promise.race([changed.promise, ...watching]);
      changed = Promise.withResolvers();
    }
  } finally {
    stop.abort();
    await Promise.all(watching);
  }
}

it(`a control plane that is killed ${crashes} times has what it acknowledged, and makes of it what is wanted`, async (t) => {
  const dir = join(root, 'data');
  let written = 0;
  for (let life = 0; life <= crashes; life++) {
    server = await ApiProcess.start({ command: 'server', dir });
    const { client } = server;
    await check(client);
    if (life === crashes) break;
    if (random.oneIn(3)) await converged(client);
    let left = 1 + random.below(2 ** (2 + random.below(6)));
    const running = server;
    const killed = Promise.withResolvers<void>();
    const writing = Array.from({ length: writers }, (_, id) =>
      write(id, client, () => {
        written++;
        if (--left === 0) killed.resolve(running.kill());
      }),
    );
    await Promise.all([killed.promise, ...writing]);
  }
  await converged((server as ApiProcess).client);
  await server?.stop();
  t.diagnostic(`${written} acknowledged writes`);
  assert.ok(written > crashes, 'the writers got to write');
});
