import type { ContainerStats, Runtime } from '@coxswain/cri';
import { type Clock, formatTime } from '@coxswain/machinery';
import { containerNameLabel, podUidLabel } from '../kuberuntime/labels.ts';
import type { PodLookup } from './find-container.ts';

/** The Summary of the kubelet's statistics API: what the node's containers use. */
export async function statsSummary(
  parts: PodLookup & { readonly runtime: Runtime; readonly nodeName: string; readonly clock: Clock },
): Promise<object> {
  const stats = (await parts.runtime.listContainerStats()).filter((s) => s.timestamp > 0);
  const now = formatTime(parts.clock.now());
  const pods = parts.pods().map((pod) => {
    const own = stats.filter((s) => s.labels[podUidLabel] === pod.metadata.uid);
    return {
      podRef: { name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
      startTime: pod.status.startTime ?? null,
      containers: own.map(containerSummary),
      ...usage(now, own),
    };
  });
  return { node: { nodeName: parts.nodeName, startTime: null, ...usage(now, stats) }, pods };
}

function containerSummary(stats: ContainerStats): object {
  const time = formatTime(stats.timestamp / 1e6);
  return {
    name: stats.labels[containerNameLabel] ?? stats.metadata.name,
    startTime: null,
    ...usage(time, [stats]),
    rootfs: { time, usedBytes: stats.writableLayerUsedBytes, inodesUsed: stats.writableLayerInodesUsed },
  };
}

function usage(time: string, stats: readonly ContainerStats[]): object {
  const sum = (value: (s: ContainerStats) => number): number => stats.reduce((n, s) => n + value(s), 0);
  return {
    cpu: {
      time,
      usageNanoCores: sum((s) => s.cpuUsageNanoCores),
      usageCoreNanoSeconds: sum((s) => s.cpuUsageCoreNanoSeconds),
    },
    memory: {
      time,
      usageBytes: sum((s) => s.memoryUsageBytes),
      workingSetBytes: sum((s) => s.memoryWorkingSetBytes),
      rssBytes: sum((s) => s.memoryRssBytes),
      pageFaults: sum((s) => s.memoryPageFaults),
      majorPageFaults: sum((s) => s.memoryMajorPageFaults),
    },
  };
}
