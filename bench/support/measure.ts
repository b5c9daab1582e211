import { RawClient, type Target } from './raw-client.ts';
import type { ServerProcess } from './server-process.ts';

export interface Row {
  readonly name: string;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Of the server, for 1,000 operations. */
  readonly cpuSeconds: number;
}

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
): Promise<Row> {
  const clients = await openAll(server.target(), connections);
  const times: number[] = [];
  let next = 0;
  const cpuBefore = server.cpuSeconds();
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
  for (const client of clients) client.close();
  times.sort((a, b) => a - b);
  return {
    name: `${name}, c${connections}`,
    perSecond: total / seconds,
    p50: times[Math.floor(times.length / 2)] as number,
    p99: times[Math.floor(times.length * 0.99)] as number,
    cpuSeconds: (cpu / total) * 1000,
  };
}

export function openAll(target: Target, count: number): Promise<RawClient[]> {
  return Promise.all(Array.from({ length: count }, () => RawClient.open(target)));
}

export function printRow(row: Row): void {
  const { name, perSecond, p50, p99, cpuSeconds } = row;
  const rate = perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toFixed(1);
  console.log(
    `${name.padEnd(44)} ${rate.padStart(8)}/s  p50 ${p50.toFixed(1).padStart(7)} ms  p99 ${p99.toFixed(1).padStart(7)} ms  ${cpuSeconds.toFixed(2).padStart(7)} CPU s/1,000`,
  );
}
