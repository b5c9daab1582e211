import type { Figure } from './figure.ts';
import { RawClient, type Target } from './raw-client.ts';
import type { ServerProcess } from './server-process.ts';

const section = 'API server';

/**
 * Runs `total` operations over so many connections, each of which waits for its answer before the next.
 * @param operation gets a running number; an answer of 400 or more is a fault of the benchmark
 */
export async function measure(
  name: string,
  server: ServerProcess,
  connections: number,
  total: number,
  operation: (
    client: RawClient,
    index: number,
  ) => Promise<{ readonly status: number; readonly body: Buffer }>,
): Promise<Figure> {
  const clients = await openAll(server.target(), connections);
  const times: number[] = [];
  let next = 0;
  const cpuBefore = server.cpuSeconds();
  const clientBefore = ownCpuSeconds();
  const began = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      while (next < total) {
        const index = next++;
        const start = performance.now();
        const { status, body } = await operation(client, index);
        times.push(performance.now() - start);
        if (status >= 400) throw new Error(`${name}: ${status} ${body.toString('utf8', 0, 300)}`);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const cpu = server.cpuSeconds() - cpuBefore;
  const client = ownCpuSeconds() - clientBefore;
  for (const client of clients) client.close();
  return {
    section,
    name: `${name}, c${connections}`,
    value: total / seconds,
    unit: '/s',
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    cpuSeconds: (cpu / total) * 1000,
    clientCpuSeconds: (client / total) * 1000,
  };
}

/** CPU seconds of this process, of all threads. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

export function openAll(target: Target, count: number): Promise<RawClient[]> {
  return Promise.all(Array.from({ length: count }, () => RawClient.open(target)));
}

/** The value below which that part of the values lies. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
