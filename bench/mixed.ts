/**
 * Large lists in every form, 1,000 watchers and writes at the same time, and what they do to small requests and to the
 * event loop: `node bench/mixed.ts [quick]`. The load runs in threads of its own; the machine is one.
 */
import { type BenchOptions, type Figure, runAlone } from './support/figure.ts';
import { LoadThread } from './support/load-process.ts';
import type { ListShape } from './support/load-thread.ts';
import { histogramBounds, type LoopReport } from './support/loop-probe.ts';
import { measure, openAll, percentile } from './support/measure.ts';
import { configMap, mapsPath, pod, podsPath } from './support/objects.ts';
import type { RawClient } from './support/raw-client.ts';
import { ServerProcess } from './support/server-process.ts';

const section = 'Mixed load';
const json = 'application/json';
const meta = 'g=meta.k8s.io;v=v1';

const shapes: readonly ListShape[] = [
  { name: 'json', path: podsPath, accept: json, headers: '' },
  { name: 'table', path: podsPath, accept: `${json};as=Table;${meta}`, headers: '' },
  { name: 'metadata', path: podsPath, accept: `${json};as=PartialObjectMetadataList;${meta}`, headers: '' },
  { name: 'protobuf', path: podsPath, accept: 'application/vnd.kubernetes.protobuf', headers: '' },
  { name: 'gzip', path: podsPath, accept: json, headers: 'Accept-Encoding: gzip\r\n' },
  { name: 'pages', path: `${podsPath}?limit=500`, accept: json, headers: '', pages: true },
  { name: 'label', path: `${podsPath}?labelSelector=group%3Dgroup-7`, accept: json, headers: '' },
  { name: 'label of all', path: `${podsPath}?labelSelector=app%3Dbench`, accept: json, headers: '' },
  { name: 'field', path: `${podsPath}?fieldSelector=status.phase%3DPending`, accept: json, headers: '' },
];

/** Writes a second, each of which goes to every watcher. */
const writeRate = 20;
const smallClients = 4;
/** Between two small requests of a client. */
const thinkMs = 2;

export async function mixed({ quick, collect }: BenchOptions): Promise<void> {
  const pods = quick ? 1_000 : 5_000;
  const watchers = quick ? 200 : 1_000;
  const seconds = quick ? 6 : 20;
  const server = new ServerProcess(16_530, undefined, true);
  const flags = ['--disable=controllers,scheduler,dns', '--disable-admission-plugins=ServiceAccount'];
  await server.start('server', ...flags);
  await measure('fill', server, 16, pods, (client, i) => client.request('POST', podsPath, pod(`p-${i}`, i)));
  // What is made once an object is made under load: nothing of the filled server is in memory any more.
  await server.stop();
  await server.start('server', ...flags);
  const [first] = (await openAll(server.target(), 1)) as [RawClient];
  const list = await first.request('GET', `${podsPath}?limit=1`);
  const version: string = JSON.parse(list.body.toString()).metadata.resourceVersion;
  const target = server.target();
  await server.loopReport();
  const watching = await LoadThread.start({ type: 'watch', target, watchers, version });
  report(collect, `${watchers.toLocaleString('en-US')} watches begin`, await server.loopReport());
  for (const shape of shapes) {
    const lister = await LoadThread.start({ type: 'list', target, shapes: [shape] });
    await small(server, seconds / 10, pods);
    await lister.stop();
    report(collect, `lists alone: ${shape.name}`, await server.loopReport());
  }
  const lister = await LoadThread.start({ type: 'list', target, shapes });
  const cpuBefore = server.cpuSeconds();
  const stopWriting = writes(server, pods);
  const figure = await small(server, seconds, pods);
  const cpu = server.cpuSeconds() - cpuBefore;
  const written = await stopWriting();
  const delivered = (await watching.report()).count;
  const listed = await lister.report();
  await lister.stop();
  report(collect, 'lists, watchers and writes', await server.loopReport());
  collect({ ...figure, name: 'small requests beside lists, watchers and writes' });
  collect({ section, name: 'writes beside them', ...written });
  collect({ section, name: 'events delivered beside them', value: delivered / seconds, unit: '/s' });
  collect({ section, name: 'lists beside them', value: listed.count / seconds, unit: '/s' });
  collect({ section, name: 'cores of the server', value: cpu / seconds, unit: 'core' });
  for (const [name, { p50, max }] of Object.entries(listed.times)) {
    collect({ section, name: `list beside them: ${name}`, value: p50, unit: 'ms', p50, p99: max });
  }
  const [writer] = (await openAll(target, 1)) as [RawClient];
  for (let i = 0; i < 2_000; i++) await writer.request('POST', mapsPath, configMap(`c-${i}`, 'collected'));
  await server.loopReport();
  await writer.request('DELETE', `${mapsPath}?labelSelector=app%3Dcollected`);
  report(collect, 'deletecollection of 2,000', await server.loopReport());
  await watching.stop();
  collect({ section, name: 'memory after mixed load', value: server.rssMegabytes(), unit: 'MB' });
  first.close();
  writer.close();
  await server.stop();
  server.remove();
}

function report(
  collect: BenchOptions['collect'],
  name: string,
  { cpu, histogram, longest, memory, garbage }: LoopReport,
): void {
  const bounds = histogram.map(
    (count, i) => `${i < histogramBounds.length ? `<${histogramBounds[i]}` : 'more'}: ${count}`,
  );
  collect({ section, name: `loop held, ${name}`, value: cpu.max, unit: 'ms', p50: cpu.p50, p99: cpu.p99 });
  if (process.env['LOOP_DETAILS'] === undefined) return;
  console.error(`  ${bounds.join(' ')}`);
  const megabytes = Object.entries(memory).map(([kind, bytes]) => `${kind} ${Math.round(bytes / 2 ** 20)}`);
  console.error(`  MB: ${megabytes.join(' ')}`);
  for (const [kind, { count, sum, max }] of Object.entries(garbage)) {
    console.error(`  garbage, ${kind}: ${count}, ${sum.toFixed(1)} ms, at most ${max.toFixed(1)} ms`);
  }
  for (const turn of longest.slice(0, 8)) {
    console.error(
      `  ${turn.cpu.toFixed(1)} ms CPU, ${turn.wall.toFixed(1)} wall, ended at ${turn.endedAt.toFixed(1)}`,
    );
  }
}

/** Reads of single pods, with a pause between two: times of requests that wait for nothing of their own. */
async function small(server: ServerProcess, seconds: number, pods: number): Promise<Figure> {
  const clients = await openAll(server.target(), smallClients);
  const times: number[] = [];
  const until = performance.now() + seconds * 1000;
  await Promise.all(
    clients.map(async (client, number) => {
      for (let i = number; performance.now() < until; i += smallClients) {
        const began = performance.now();
        const answer = await client.request('GET', `${podsPath}/p-${i % pods}`);
        times.push(performance.now() - began);
        if (answer.status !== 200) throw new Error(`a small request: ${answer.status}`);
        await new Promise((resolve) => setTimeout(resolve, thinkMs));
      }
    }),
  );
  for (const client of clients) client.close();
  return {
    section,
    name: 'small requests',
    value: percentile(times, 0.99),
    unit: 'ms',
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
  };
}

/** Patches pods at the rate; the function given back ends it and gives what it took. */
function writes(server: ServerProcess, pods: number): () => Promise<Omit<Figure, 'section' | 'name'>> {
  let stopped = false;
  const times: number[] = [];
  const running = (async () => {
    const [client] = (await openAll(server.target(), 1)) as [RawClient];
    const began = performance.now();
    for (let i = 0; !stopped; i++) {
      const wait = began + (i / writeRate) * 1000 - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const body = JSON.stringify({ metadata: { annotations: { written: String(i) } } });
      const start = performance.now();
      await client.request('PATCH', `${podsPath}/p-${i % pods}`, body, 'application/merge-patch+json');
      times.push(performance.now() - start);
    }
    client.close();
  })();
  return async () => {
    stopped = true;
    await running;
    return {
      value: percentile(times, 0.5),
      unit: 'ms',
      p50: percentile(times, 0.5),
      p99: percentile(times, 0.99),
    };
  };
}

if (import.meta.main) await runAlone(mixed);
