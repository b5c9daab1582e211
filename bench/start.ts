/**
 * How fast the whole server starts, cold and with 5,000 pods, and what it takes when idle.
 * `node bench/start.ts [quick]`.
 */
import { type BenchOptions, runAlone } from './support/figure.ts';
import { measure, percentile } from './support/measure.ts';
import { pod, podsPath } from './support/objects.ts';
import { ServerProcess } from './support/server-process.ts';

const section = 'Start and memory';
/** How long the idle server is watched. */
const idleMs = 10_000;
const settleMs = 3_000;

export async function start({ quick, collect }: BenchOptions): Promise<void> {
  const rounds = quick ? 3 : 7;
  const cold: number[] = [];
  let memory = 0;
  let cpu = 0;
  for (let round = 0; round < rounds; round++) {
    const server = new ServerProcess(16_510);
    cold.push(await server.start('server'));
    if (round === rounds - 1) {
      await pause(settleMs);
      const before = server.cpuSeconds();
      await pause(idleMs);
      memory = server.rssMegabytes();
      cpu = (server.cpuSeconds() - before) / (idleMs / 1000);
    }
    await server.stop();
    server.remove();
  }
  collect({ section, name: 'cold start to /readyz', value: percentile(cold, 0.5), unit: 'ms' });
  collect({ section, name: 'idle memory', value: memory, unit: 'MB' });
  collect({ section, name: 'idle CPU', value: cpu, unit: 'core' });
  await warm({ quick, collect }, rounds);
}

async function warm({ quick, collect }: BenchOptions, rounds: number): Promise<void> {
  const pods = quick ? 1_000 : 5_000;
  const flags = ['--disable=controllers,scheduler', '--disable-admission-plugins=ServiceAccount'];
  const filled = new ServerProcess(16_510);
  await filled.start('server', ...flags);
  await measure('fill', filled, 16, pods, (client, i) => client.request('POST', podsPath, pod(`p-${i}`, i)));
  await filled.stop();
  const times: number[] = [];
  let memory = 0;
  for (let round = 0; round < rounds; round++) {
    const server = new ServerProcess(16_510, filled.dataDir);
    times.push(await server.start('server', ...flags));
    if (round === rounds - 1) {
      await pause(settleMs);
      memory = server.rssMegabytes();
    }
    await server.stop();
  }
  filled.remove();
  const name = pods.toLocaleString('en-US');
  collect({ section, name: `warm start with ${name} pods`, value: percentile(times, 0.5), unit: 'ms' });
  collect({ section, name: `memory after a start with ${name} pods`, value: memory, unit: 'MB' });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (import.meta.main) await runAlone(start);
