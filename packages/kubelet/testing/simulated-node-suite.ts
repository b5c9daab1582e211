/** A node for tests: a kubelet over a simulated runtime and an API server in memory, on a clock that stands still. */
import { Client } from '@coxswain/client';
import { FakeTransport } from '@coxswain/controller';
import { SimulatedRuntime } from '@coxswain/cri';
import { type KubeObject, VirtualClock } from '@coxswain/machinery';
import { type Kubelet, startKubelet } from '../kubelet.ts';
import type { Container, Pod, PodSpec } from '../types.ts';

const pods = { group: '', version: 'v1', resource: 'pods' };

export interface SimulatedNode {
  readonly clock: VirtualClock;
  readonly api: FakeTransport;
  readonly client: Client;
  readonly runtime: SimulatedRuntime;
  /** Creates a pod that is bound to the node already. */
  create(name: string, spec?: Partial<PodSpec>, annotations?: Record<string, string>): Promise<Pod>;
  /** The pod as the API server has it; undefined when it does not. */
  pod(name: string): Pod | undefined;
  delete(name: string, gracePeriodSeconds?: number): Promise<void>;
  /** `reason: message` of the events about the pod, in order. */
  events(name: string): string[];
  /** Winds the clock until `done` holds; fails when it does not within so many seconds of its time. */
  until(what: string, done: () => boolean, seconds?: number): Promise<void>;
  /** Closes the kubelet and starts another on the same runtime. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export function container(name: string, parts: Partial<Container> = {}): Container {
  return { name, image: `coxswain.test/${name}:1`, imagePullPolicy: 'IfNotPresent', ...parts };
}

export async function startSimulatedNode(): Promise<SimulatedNode> {
  const clock = new VirtualClock();
  const api = new FakeTransport({ clock });
  const client = new Client(api);
  const runtime = new SimulatedRuntime({ clock });
  const start = async (): Promise<Kubelet> => {
    let kubelet: Kubelet | undefined;
    const starting = startKubelet({
      nodeName: 'node-1',
      client,
      runtime,
      nodeIps: ['192.0.2.1'],
      clusterDns: ['10.96.0.10'],
      clock,
      simulate: { cpus: 2, memoryBytes: 4 * 2 ** 30 },
    }).then((k) => (kubelet = k));
    while (kubelet === undefined) await clock.advance(10);
    return starting;
  };
  let kubelet = await start();
  const find = (name: string): Pod | undefined => api.find(pods, `default/${name}`) as Pod | undefined;
  return {
    clock,
    api,
    client,
    runtime,
    async create(name, spec = {}, annotations = {}) {
      const body = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default', annotations, generation: 1 },
        spec: {
          nodeName: 'node-1',
          restartPolicy: 'Always',
          terminationGracePeriodSeconds: 30,
          containers: [container('app')],
          ...spec,
        },
        status: { phase: 'Pending' },
      };
      return (await client.resource(pods, 'default').create(body as KubeObject)) as unknown as Pod;
    },
    pod: find,
    async delete(name, gracePeriodSeconds = 30) {
      await client.resource(pods, 'default').delete(name, { gracePeriodSeconds });
    },
    events(name) {
      return api
        .all({ group: '', resource: 'events' })
        .filter((e) => e['involvedObject'].name === name)
        .sort((a, b) => (a['firstTimestamp'] < b['firstTimestamp'] ? -1 : 1))
        .map((e) => `${e['reason']}: ${e['message']}`);
    },
    async until(what, done, seconds = 60) {
      for (let waited = 0; waited <= seconds * 1000; waited += 100) {
        if (done()) return;
        await clock.advance(100);
      }
      throw new Error(`${what}: not within ${seconds} s`);
    },
    async restart() {
      const closing = kubelet.close();
      await clock.advance(0);
      await closing;
      kubelet = await start();
    },
    async close() {
      await kubelet.close();
      runtime.close();
    },
  };
}
