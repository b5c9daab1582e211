/**
 * A thread of the load generator, so that the clients whose times are taken do not wait for the others: it lists, or it
 * watches, until it is told to stop.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { openAll, percentile } from './measure.ts';
import { podsPath } from './objects.ts';
import type { RawClient, Target } from './raw-client.ts';

/** What a thread does. */
export type LoadTask =
  | { readonly type: 'list'; readonly target: Target; readonly shapes: readonly ListShape[] }
  | { readonly type: 'watch'; readonly target: Target; readonly watchers: number; readonly version: string };

/** One form of a list. */
export interface ListShape {
  readonly name: string;
  readonly path: string;
  readonly accept: string;
  /** Header lines, each with its line end. */
  readonly headers: string;
  /** It comes in pages, and all are asked for. */
  readonly pages?: boolean;
}

/** What a thread did between two reports. */
export interface LoadReport {
  readonly count: number;
  /** Milliseconds that lists took, by their names. */
  readonly times: Readonly<Record<string, { readonly p50: number; readonly max: number }>>;
}

const event = Buffer.from('"type":"MODIFIED"');
let stopped = false;
let count = 0;
const times = new Map<string, number[]>();

parentPort?.on('message', (message: 'report' | 'stop') => {
  if (message === 'stop') stopped = true;
  else {
    const summary = [...times].map(([name, of]) => [
      name,
      { p50: percentile(of, 0.5), max: percentile(of, 1) },
    ]);
    parentPort?.postMessage({ count, times: Object.fromEntries(summary) } satisfies LoadReport);
    count = 0;
    times.clear();
  }
});

const task = workerData as LoadTask;
if (task.type === 'list') await list(task.target, task.shapes);
else await watch(task.target, task.watchers, task.version);

async function list(target: Target, shapes: readonly ListShape[]): Promise<void> {
  const [client] = (await openAll(target, 1)) as [RawClient];
  parentPort?.postMessage('ready');
  for (let i = 0; !stopped; i++) {
    const shape = shapes[i % shapes.length] as ListShape;
    const began = performance.now();
    await listOnce(client, shape);
    count++;
    const of = times.get(shape.name);
    if (of === undefined) times.set(shape.name, [performance.now() - began]);
    else of.push(performance.now() - began);
  }
  client.close();
  parentPort?.close();
}

async function listOnce(client: RawClient, { path, accept, headers, pages }: ListShape): Promise<void> {
  for (let token = ''; ; ) {
    const next = token === '' ? path : `${path}&continue=${encodeURIComponent(token)}`;
    const answer = await client.request('GET', next, undefined, undefined, accept, headers);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
    if (!pages) return;
    token = /"continue":"([^"]+)"/.exec(answer.body.toString('utf8', 0, 500))?.[1] ?? '';
    if (token === '') return;
  }
}

async function watch(target: Target, watchers: number, version: string): Promise<void> {
  const clients = await openAll(target, watchers);
  for (const client of clients) {
    client.stream(`${podsPath}?watch=true&resourceVersion=${version}`, (bytes) => {
      for (let at = bytes.indexOf(event); at >= 0; at = bytes.indexOf(event, at + 1)) count++;
    });
  }
  parentPort?.postMessage('ready');
  while (!stopped) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const client of clients) client.close();
  parentPort?.close();
}
