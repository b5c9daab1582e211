/**
 * The rows of an API server under load, each of the meaning its name says: HTTP/1.1 over TLS, JSON, the load
 * generator on the same machine. `node bench/apiserver.ts [quick]`.
 */
import { type BenchOptions, runAlone } from './support/figure.ts';
import { lists } from './support/lists.ts';
import { measure, openAll } from './support/measure.ts';
import { configMap, mapsPath, pod, podsPath } from './support/objects.ts';
import { ServerProcess } from './support/server-process.ts';
import { watches } from './support/watches.ts';
import { writes } from './support/writes.ts';

export async function apiserver({ quick, collect }: BenchOptions): Promise<void> {
  const n = (count: number): number => Math.max(10, Math.round(count * (quick ? 0.2 : 1)));
  const server = new ServerProcess(16_500);
  // The whole server writes the administrator's certificate; its parts would get in the way.
  await server.start(
    'server',
    '--disable=controllers,scheduler,dns',
    '--disable-admission-plugins=ServiceAccount',
  );
  const load = { server, n, collect };
  const { maps, pods } = await writes(load);
  const [filler] = await openAll(server.target(), 1);
  let count = pods;
  while (count < n(5_000)) await filler?.request('POST', podsPath, pod(`p-${count}`, count++));
  await lists(load, count);
  await watches(load, count);
  let next = 0;
  for (const c of [1, 16, 64]) {
    const total = Math.min(n(c === 1 ? 500 : 2_000), maps - next);
    const from = next;
    next += total;
    collect(
      await measure('delete', server, c, total, (client, i) =>
        client.request('DELETE', `${mapsPath}/m-${from + i}`),
      ),
    );
  }
  await deleteCollection(load);
  collect({
    section: 'Start and memory',
    name: 'memory after the load',
    value: server.rssMegabytes(),
    unit: 'MB',
  });
  filler?.close();
  await server.stop();
  server.remove();
}

async function deleteCollection({
  server,
  collect,
}: {
  server: ServerProcess;
  collect: BenchOptions['collect'];
}): Promise<void> {
  const total = 1_000;
  const selector = 'labelSelector=app%3Dcollected';
  const [client] = await openAll(server.target(), 1);
  for (let i = 0; i < total; i++) {
    await client?.request('POST', mapsPath, configMap(`collected-${i}`, 'collected'));
  }
  const cpuBefore = server.cpuSeconds();
  const began = performance.now();
  const answer = await client?.request('DELETE', `${mapsPath}?${selector}`);
  const seconds = (performance.now() - began) / 1000;
  if (answer?.status !== 200) throw new Error(`deletecollection: ${answer?.status}`);
  collect({
    section: 'API server',
    name: 'deletecollection of 1,000',
    value: total / seconds,
    unit: '/s',
    cpuSeconds: ((server.cpuSeconds() - cpuBefore) / total) * 1000,
  });
  client?.close();
}

if (import.meta.main) await runAlone(apiserver);
