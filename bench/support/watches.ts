import type { Load } from './load.ts';
import { openAll, ownCpuSeconds, percentile } from './measure.ts';
import { podsPath } from './objects.ts';
import type { RawClient } from './raw-client.ts';

/** Watchers whose events are read for their lag; all are counted. */
const sampled = 4;
const modified = Buffer.from('"type":"MODIFIED"');
const stamp = Buffer.from('"watched":"');

/** Events of patched pods to many watchers at a time. */
export async function watches(load: Load, pods: number): Promise<void> {
  const { n } = load;
  await watchRow(load, pods, 'watch, 1 watcher, as fast as writes go', 1, n(2_000), undefined);
  await watchRow(load, pods, 'watch, 100 watchers, 200 writes/s', 100, n(1_000), 200);
  await watchRow(load, pods, 'watch, 100 watchers, as fast as writes go', 100, n(2_000), undefined);
  await watchRow(load, pods, 'watch, 1,000 watchers, as fast as writes go', 1_000, n(500), undefined);
}

/** @param perSecond writes a second; undefined: two writers as fast as they can */
async function watchRow(
  { server, collect }: Load,
  pods: number,
  name: string,
  watchers: number,
  writes: number,
  perSecond: number | undefined,
): Promise<void> {
  const clients = await openAll(server.target(), watchers + 2);
  const [first, second, ...watching] = clients as [RawClient, RawClient, ...RawClient[]];
  const list = await first.request('GET', `${podsPath}?limit=1`);
  const version = JSON.parse(list.body.toString()).metadata.resourceVersion;
  let delivered = 0;
  const all = watchers * writes;
  const lags: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const [index, client] of watching.entries()) {
    client.stream(`${podsPath}?watch=true&resourceVersion=${version}`, (bytes) => {
      for (let at = bytes.indexOf(modified); at >= 0; at = bytes.indexOf(modified, at + 1)) delivered++;
      if (index < sampled) noteLags(bytes, lags);
      // A marker that falls between two reads is not counted.
      if (delivered >= all * 0.999) resolve();
    });
  }
  await first.request('GET', `${podsPath}/p-0`);
  const cpuBefore = server.cpuSeconds();
  const clientBefore = ownCpuSeconds();
  const began = performance.now();
  let done = 0;
  const write = async (client: RawClient): Promise<void> => {
    while (done < writes) {
      const index = done++;
      if (perSecond !== undefined) await untilTime(began + (index / perSecond) * 1000);
      const body = JSON.stringify({ metadata: { annotations: { watched: String(performance.now()) } } });
      await client.request('PATCH', `${podsPath}/p-${index % pods}`, body, 'application/merge-patch+json');
    }
  };
  await Promise.all([write(first), write(second)]);
  await promise;
  const seconds = (performance.now() - began) / 1000;
  collect({
    section: 'Watch',
    name,
    value: all / seconds,
    unit: '/s',
    p50: percentile(lags, 0.5),
    p99: percentile(lags, 0.99),
    cpuSeconds: ((server.cpuSeconds() - cpuBefore) / all) * 1000,
    clientCpuSeconds: ((ownCpuSeconds() - clientBefore) / all) * 1000,
  });
  for (const client of clients) client.close();
}

function noteLags(bytes: Buffer, lags: number[]): void {
  const now = performance.now();
  for (let at = bytes.indexOf(stamp); at >= 0; at = bytes.indexOf(stamp, at + 1)) {
    const sent = Number.parseFloat(bytes.toString('latin1', at + stamp.length, at + stamp.length + 16));
    if (sent > 0) lags.push(now - sent);
  }
}

async function untilTime(time: number): Promise<void> {
  const ms = time - performance.now();
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
