/**
 * Pods onto nodes through the whole server: created by 16 clients while the scheduler binds them. Nodes are
 * objects without kubelets. `node bench/scheduler.ts [quick]`.
 */
import { type BenchOptions, runAlone } from './support/figure.ts';
import { measure, openAll } from './support/measure.ts';
import { pod, podsPath } from './support/objects.ts';
import { ServerProcess } from './support/server-process.ts';

const unbound = '/api/v1/pods?fieldSelector=spec.nodeName%3D&limit=1';

export async function scheduler({ quick, collect }: BenchOptions): Promise<void> {
  for (const nodes of quick ? [200] : [1_000, 5_000]) await onto(nodes, quick ? 1_000 : 5_000, collect);
}

async function onto(nodes: number, pods: number, collect: BenchOptions['collect']): Promise<void> {
  const server = new ServerProcess(16_520);
  await server.start(
    'server',
    '--disable=controllers,dns',
    // Nobody would make the service accounts nor take the taints of nodes away.
    '--disable-admission-plugins=ServiceAccount,TaintNodesByCondition',
  );
  await measure('nodes', server, 16, nodes, (client, i) => client.request('POST', '/api/v1/nodes', node(i)));
  const [watcher] = await openAll(server.target(), 1);
  const cpuBefore = server.cpuSeconds();
  const began = performance.now();
  await measure('pods', server, 16, pods, (client, i) => client.request('POST', podsPath, pod(`p-${i}`, i)));
  const created = performance.now();
  for (;;) {
    const answer = await watcher?.request('GET', unbound);
    if (JSON.parse(answer?.body.toString() ?? '').items.length === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const bound = performance.now();
  const name = `${pods.toLocaleString('en-US')} pods onto ${nodes.toLocaleString('en-US')} nodes`;
  const section = 'Control loops';
  collect({
    section,
    name: `${name}, created and bound`,
    value: pods / ((bound - began) / 1000),
    unit: '/s',
    cpuSeconds: ((server.cpuSeconds() - cpuBefore) / pods) * 1000,
  });
  collect({ section, name: `${name}, bound after the last creation`, value: bound - created, unit: 'ms' });
  watcher?.close();
  await server.stop();
  server.remove();
}

function node(index: number): string {
  const resources = { cpu: '32', memory: '256Gi', pods: '110' };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: `node-${index}`,
      labels: {
        'kubernetes.io/hostname': `node-${index}`,
        'topology.kubernetes.io/zone': `zone-${index % 3}`,
      },
    },
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
    },
  });
}

if (import.meta.main) await runAlone(scheduler);
