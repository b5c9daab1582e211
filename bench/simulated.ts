/**
 * What simulated nodes and pods cost: the same kubelet over a runtime without containers. `node
 * bench/simulated.ts [quick]`.
 */
import { PodClock } from './pods.ts';
import { type BenchOptions, runAlone } from './support/figure.ts';
import { LocalCluster } from './support/local-cluster.ts';

const section = 'Simulated nodes';
const settleMs = 5_000;

export async function simulated({ quick, collect }: BenchOptions): Promise<void> {
  const few = quick ? 5 : 10;
  const nodes = quick ? 25 : 100;
  const pods = nodes * 10;
  const small = await memoryOf(few);
  const cluster = new LocalCluster();
  try {
    await cluster.up('--nodes=0', `--simulate=${nodes}`);
    await settle();
    const empty = cluster.memory('simulate');
    const clock = await PodClock.start(cluster.client);
    const began = performance.now();
    await clock.run(Array.from({ length: pods }, (_, i) => `pod-${i}`));
    const seconds = (performance.now() - began) / 1000;
    clock.stop();
    await settle();
    collect({
      section,
      name: `${pods} pods onto ${nodes} simulated nodes, to Running`,
      value: pods / seconds,
      unit: '/s',
    });
    collect({
      section,
      name: 'memory of a simulated node',
      value: (empty - small) / (nodes - few),
      unit: 'MB',
    });
    collect({
      section,
      name: 'memory of a simulated pod in its kubelet',
      value: ((cluster.memory('simulate') - empty) / pods) * 1024,
      unit: 'KB',
    });
  } finally {
    await cluster.down();
  }
}

/** Of the process of so many simulated nodes without pods. */
async function memoryOf(nodes: number): Promise<number> {
  const cluster = new LocalCluster();
  try {
    await cluster.up('--nodes=0', `--simulate=${nodes}`);
    await settle();
    return cluster.memory('simulate');
  } finally {
    await cluster.down();
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, settleMs));
}

if (import.meta.main) await runAlone(simulated);
