import type { Runtime } from '@coxswain/cri';
import { containerNameLabel, podNameLabel, podNamespaceLabel } from '../kuberuntime/labels.ts';
import type { PodLookup } from './find-container.ts';

interface Sample {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly values: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

/** The kubelet's metrics in Prometheus' text form; `cadvisor` and `resource` are those of containers. */
export async function metricsText(
  parts: PodLookup & { readonly runtime: Runtime; readonly nodeName: string },
  section: string,
): Promise<string> {
  const samples = section === '' ? kubeletSamples(parts) : await containerSamples(parts.runtime, section);
  return samples.map(format).join('');
}

function kubeletSamples(parts: PodLookup & { readonly nodeName: string }): Sample[] {
  const pods = parts.pods();
  const running = pods.filter((p) =>
    parts.runtimePod(p.metadata.uid ?? '')?.sandboxes.some((s) => s.state === 'SANDBOX_READY'),
  );
  const states = new Map<string, number>();
  for (const pod of pods) {
    for (const c of parts.runtimePod(pod.metadata.uid ?? '')?.containers ?? []) {
      states.set(c.state, (states.get(c.state) ?? 0) + 1);
    }
  }
  return [
    gauge('kubelet_node_name', "The node's name. The count is always 1.", [
      { labels: { node: parts.nodeName }, value: 1 },
    ]),
    gauge('kubelet_desired_pods', 'The number of pods the kubelet is being instructed to run.', [
      { labels: { static: '' }, value: pods.length },
    ]),
    gauge('kubelet_running_pods', 'Number of pods that have a running pod sandbox', [
      { labels: {}, value: running.length },
    ]),
    gauge(
      'kubelet_running_containers',
      'Number of containers currently running',
      [...states].map(([state, value]) => ({ labels: { container_state: state }, value })),
    ),
  ];
}

async function containerSamples(runtime: Runtime, section: string): Promise<Sample[]> {
  const stats = (await runtime.listContainerStats()).filter((s) => s.timestamp > 0);
  const labelled = (value: (s: (typeof stats)[number]) => number) =>
    stats.map((s) => ({
      labels: {
        container: s.labels[containerNameLabel] ?? '',
        namespace: s.labels[podNamespaceLabel] ?? '',
        pod: s.labels[podNameLabel] ?? '',
        ...(section === 'cadvisor' ? { id: s.id } : {}),
      },
      value: value(s),
    }));
  return [
    {
      name: 'container_cpu_usage_seconds_total',
      help: 'Cumulative cpu time consumed in seconds.',
      type: 'counter',
      values: labelled((s) => s.cpuUsageCoreNanoSeconds / 1e9),
    },
    gauge(
      'container_memory_working_set_bytes',
      'Current working set in bytes.',
      labelled((s) => s.memoryWorkingSetBytes),
    ),
    gauge(
      'container_memory_rss',
      'Size of RSS in bytes.',
      labelled((s) => s.memoryRssBytes),
    ),
    gauge(
      'container_fs_usage_bytes',
      'Number of bytes that are consumed by the container on this filesystem.',
      labelled((s) => s.writableLayerUsedBytes),
    ),
  ];
}

function gauge(name: string, help: string, values: Sample['values']): Sample {
  return { name, help, type: 'gauge', values };
}

function format({ name, help, type, values }: Sample): string {
  const lines = values.map(({ labels, value }) => {
    const pairs = Object.entries(labels).map(([k, v]) => `${k}=${JSON.stringify(v)}`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}
