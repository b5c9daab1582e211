/**
 * Real pods on one real node: `node bench/pods.ts [quick]`. Needs root, containerd and runc, as `cox up` does.
 */
import type { Client } from '@coxswain/client';
import { pauseImageName } from '@coxswain/cluster';
import type { KubeObject } from '@coxswain/machinery';
import { type BenchOptions, runAlone } from './support/figure.ts';
import { LocalCluster } from './support/local-cluster.ts';
import { percentile } from './support/measure.ts';

const podsRef = { group: '', version: 'v1', resource: 'pods' };
const section = 'Real pods';

export async function pods({ quick, collect }: BenchOptions): Promise<void> {
  const cluster = new LocalCluster();
  try {
    await cluster.up('--nodes=1');
    const pods = await PodClock.start(cluster.client);
    await pods.run(['warm-up']);
    const single: number[] = [];
    for (let i = 0; i < (quick ? 5 : 20); i++) single.push(...(await pods.run([`one-${i}`])));
    collect({
      section,
      name: 'one pod after another, create to Running',
      ...times(single),
      value: percentile(single, 0.5),
    });
    const names = Array.from({ length: quick ? 20 : 50 }, (_, i) => `many-${i}`);
    const many = await pods.run(names);
    collect({
      section,
      name: `${names.length} pods at once on one node`,
      ...times(many),
      value: percentile(many, 1),
    });
    const began = performance.now();
    await pods.delete(names.slice(0, 20), 1);
    const value = performance.now() - began;
    collect({ section, name: 'delete 20 pods, grace 1 s', unit: 'ms', value });
    pods.stop();
  } finally {
    await cluster.down();
  }
}

function times(values: readonly number[]): { unit: string; p50: number; p99: number } {
  return { unit: 'ms', p50: percentile(values, 0.5), p99: percentile(values, 0.99) };
}

/** Creates pods and takes the time until a watch says that they run, or are gone. */
export class PodClock {
  readonly #client: Client;
  readonly #stop = new AbortController();
  readonly #running = new Map<string, () => void>();
  readonly #gone = new Map<string, () => void>();

  private constructor(client: Client) {
    this.#client = client;
  }

  static async start(client: Client): Promise<PodClock> {
    const clock = new PodClock(client);
    const list = await client.resource(podsRef, 'default').list();
    const options = { resourceVersion: list.metadata.resourceVersion ?? '0', timeoutSeconds: 3_600 };
    client
      .resource(podsRef, 'default')
      .watch((event) => clock.#on(event.type, event.object as KubeObject), options, clock.#stop.signal)
      .catch((error: unknown) => {
        if (!clock.#stop.signal.aborted) throw error;
      });
    return clock;
  }

  #on(type: string, object: KubeObject): void {
    const name = object.metadata.name ?? '';
    if (type === 'DELETED') this.#gone.get(name)?.();
    else if (object['status']?.phase === 'Running') this.#running.get(name)?.();
  }

  /** Gives the milliseconds from creation to Running of each. */
  run(names: readonly string[]): Promise<number[]> {
    return Promise.all(
      names.map(async (name) => {
        const began = performance.now();
        const running = new Promise<void>((resolve) => this.#running.set(name, resolve));
        await this.#client.resource(podsRef, 'default').create(pod(name));
        await running;
        return performance.now() - began;
      }),
    );
  }

  async delete(names: readonly string[], gracePeriodSeconds: number): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        const gone = new Promise<void>((resolve) => this.#gone.set(name, resolve));
        await this.#client.resource(podsRef, 'default').delete(name, { gracePeriodSeconds });
        await gone;
      }),
    );
  }

  stop(): void {
    this.#stop.abort();
  }
}

function pod(name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      containers: [{ name: 'main', image: pauseImageName, imagePullPolicy: 'IfNotPresent' }],
    },
  };
}

if (import.meta.main) await runAlone(pods);
