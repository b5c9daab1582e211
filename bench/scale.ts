/**
 * The same operations with 1,000, 10,000 and 100,000 objects there, each on as many objects whatever the size: no row
 * should grow. Then the start of a server with 150,000. `node bench/scale.ts [quick]`.
 */
import { type BenchOptions, type Figure, runAlone } from './support/figure.ts';
import { measure, openAll, percentile } from './support/measure.ts';
import type { RawClient } from './support/raw-client.ts';
import { ServerProcess } from './support/server-process.ts';

const section = 'Scale';
const namespaces = 100;
/** Objects that a label selects, whatever the size. */
const selected = 10;
/** Objects of the namespace that is listed. */
const listed = 10;
const flags = ['--disable=controllers,scheduler,dns', '--disable-admission-plugins=ServiceAccount'];
const atStart = 150_000;

export async function scale({ quick, collect }: BenchOptions): Promise<void> {
  const sizes = quick ? [1_000, 10_000] : [1_000, 10_000, 100_000];
  const server = new ServerProcess(16_540);
  await server.start('server', ...flags);
  const [client] = (await openAll(server.target(), 1)) as [RawClient];
  for (let i = 0; i < namespaces; i++) await post(client, '/api/v1/namespaces', namespace(`n-${i}`));
  await post(client, '/api/v1/namespaces', namespace('few'));
  for (let i = 0; i < listed; i++) await post(client, maps('few'), configMap(`few-${i}`, 'few'));
  const empty = server.rssMegabytes();
  let count = 0;
  for (const size of sizes) {
    count = await fill(server, count, size);
    await rows(server, size, quick, collect);
  }
  if (!quick) count = await fill(server, count, atStart);
  const name = count.toLocaleString('en-US');
  const kilobytes = ((server.rssMegabytes() - empty) / count) * 1024;
  collect({ section, name: `memory of a config map of 1 KB, of ${name} made`, value: kilobytes, unit: 'KB' });
  client.close();
  await server.stop();
  await starts(server, name, quick ? 2 : 3, collect);
  server.remove();
}

async function fill(server: ServerProcess, from: number, to: number): Promise<number> {
  await measure('fill', server, 64, to - from, (client, i) => {
    const index = from + i;
    const label = `group-${Math.floor(index / selected)}`;
    return client.request('POST', maps(`n-${index % namespaces}`), configMap(`m-${index}`, label));
  });
  return to;
}

async function rows(
  server: ServerProcess,
  size: number,
  quick: boolean,
  collect: BenchOptions['collect'],
): Promise<void> {
  const total = quick ? 200 : 1_000;
  const of = (index: number): string => `${maps(`n-${index % namespaces}`)}/m-${index}`;
  const row = async (
    name: string,
    operation: (client: RawClient, i: number) => Promise<{ status: number; body: Buffer }>,
    count = total,
  ): Promise<void> => {
    const figure = await measure(name, server, 4, count, operation);
    collect({ ...figure, section, name: `${name}, of ${size.toLocaleString('en-US')}` });
  };
  const any = (i: number): number => (i * 7_919) % size;
  await row('get', (client, i) => client.request('GET', of(any(i))));
  await row('update', (client, i) => {
    const index = any(i);
    const body = configMap(`m-${index}`, `group-${Math.floor(index / selected)}`, String(i));
    return client.request('PUT', of(index), body);
  });
  await row('create and delete', async (client, i) => {
    await post(client, maps('n-0'), configMap(`new-${i}`, 'new'));
    return client.request('DELETE', `${maps('n-0')}/new-${i}`);
  });
  await row('list by label, 10 selected', (client, i) =>
    client.request('GET', `/api/v1/configmaps?labelSelector=group%3Dgroup-${Math.floor(any(i) / selected)}`),
  );
  await row('list a namespace of 10', (client) => client.request('GET', maps('few')));
  await row('a page of 100', page(size), total / 5);
  const times: number[] = [];
  for (let i = 0; i < total / 10; i++) times.push(await watchStart(server));
  collect({
    section,
    name: `start of a watch, of ${size.toLocaleString('en-US')}`,
    value: percentile(times, 0.5),
    unit: 'ms',
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
  } satisfies Figure);
}

/** A page from the middle of all: each client goes on where its last one ended. */
function page(size: number): (client: RawClient) => Promise<{ status: number; body: Buffer }> {
  const tokens = new Map<RawClient, string>();
  return async (client) => {
    const token = tokens.get(client) ?? '';
    const path = `/api/v1/configmaps?limit=100${token && `&continue=${encodeURIComponent(token)}`}`;
    const answer = await client.request('GET', path);
    const next = /"continue":"([^"]+)"/.exec(answer.body.toString('utf8', 0, 500))?.[1];
    if (size > 100 && next !== undefined) tokens.set(client, next);
    else tokens.delete(client);
    return answer;
  };
}

/** Milliseconds from the request to the first event: that of a write which follows it at once. */
async function watchStart(server: ServerProcess): Promise<number> {
  const [watcher, writer] = (await openAll(server.target(), 2)) as [RawClient, RawClient];
  const list = await writer.request('GET', `${maps('few')}?limit=1`);
  const version = /"resourceVersion":"(\d+)"/.exec(list.body.toString('utf8', 0, 500))?.[1];
  await writer.request('PUT', `${maps('few')}/few-0`, configMap('few-0', 'few', version));
  const began = performance.now();
  await new Promise<void>((resolve) => {
    watcher.stream(`${maps('few')}?watch=true&resourceVersion=${version}`, (bytes) => {
      if (bytes.includes('"type":"MODIFIED"')) resolve();
    });
  });
  const took = performance.now() - began;
  watcher.close();
  writer.close();
  return took;
}

async function starts(
  filled: ServerProcess,
  name: string,
  rounds: number,
  collect: BenchOptions['collect'],
): Promise<void> {
  const times: number[] = [];
  let memory = 0;
  for (let round = 0; round < rounds; round++) {
    const server = new ServerProcess(16_540, filled.dataDir);
    times.push(await server.start('server', ...flags));
    memory = server.rssMegabytes();
    await server.stop();
  }
  collect({ section, name: `start with ${name} objects`, value: percentile(times, 0.5), unit: 'ms' });
  collect({ section, name: `memory after a start with ${name} objects`, value: memory, unit: 'MB' });
}

async function post(client: RawClient, path: string, body: string): Promise<void> {
  const { status } = await client.request('POST', path, body);
  if (status !== 201) throw new Error(`${path}: ${status}`);
}

function maps(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/configmaps`;
}

function namespace(name: string): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

/** 1 KB. */
function configMap(name: string, group: string, round = ''): string {
  const data = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`key-${i}`, 'x'.repeat(100)]));
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { app: 'scale', group } },
    data: { ...data, round },
  });
}

if (import.meta.main) await runAlone(scale);
