import type {
  Container,
  ContainerConfig,
  ContainerFilter,
  ContainerStats,
  ContainerStatus,
} from './container.ts';
import type { Image } from './image.ts';
import type { PodSandboxFilter, PodSandboxStatus } from './sandbox.ts';

// The decoder gives null for absent messages and defaults for absent scalars; here they take the contract's shape.

export function sandboxFilterToWire(filter: PodSandboxFilter | undefined): object {
  if (filter === undefined) return {};
  return {
    ...(filter.id === undefined ? {} : { id: filter.id }),
    ...(filter.state === undefined ? {} : { state: { state: filter.state } }),
    ...(filter.labels === undefined ? {} : { labelSelector: filter.labels }),
  };
}

export function containerFilterToWire(filter: ContainerFilter | undefined): object {
  if (filter === undefined) return {};
  return {
    ...(filter.id === undefined ? {} : { id: filter.id }),
    ...(filter.state === undefined ? {} : { state: { state: filter.state } }),
    ...(filter.podSandboxId === undefined ? {} : { podSandboxId: filter.podSandboxId }),
    ...(filter.labels === undefined ? {} : { labelSelector: filter.labels }),
  };
}

export function sandboxStatusFromWire(status: any): PodSandboxStatus {
  const main: string = status.network?.ip ?? '';
  const more: string[] = (status.network?.additionalIps ?? []).map((a: any) => a.ip);
  return {
    id: status.id,
    metadata: status.metadata,
    state: status.state,
    createdAt: status.createdAt,
    labels: status.labels,
    annotations: status.annotations,
    runtimeHandler: status.runtimeHandler,
    ips: [main, ...more].filter((ip) => ip !== ''),
    hostNetwork: status.linux?.namespaces?.options?.network === 'NODE',
  };
}

export function containerToWire(config: ContainerConfig): object {
  return { ...config, envs: config.envs.map((e) => ({ key: e.key, value: Buffer.from(e.value) })) };
}

export function containerFromWire(c: any): Container {
  return c;
}

export function containerStatusFromWire(s: any): ContainerStatus {
  const { resources, user, ...rest } = s;
  return {
    ...rest,
    ...(resources?.linux ? { resources: resources.linux } : {}),
    ...(user?.linux ? { user: user.linux } : {}),
  };
}

export function imageFromWire(image: any): Image {
  return {
    id: image.id,
    repoTags: image.repoTags,
    repoDigests: image.repoDigests,
    size: image.size,
    ...(image.uid === null ? {} : { uid: image.uid.value }),
    username: image.username,
    pinned: image.pinned,
  };
}

export function statsFromWire(s: any): ContainerStats {
  const value = (v: { value: number } | null | undefined): number => v?.value ?? 0;
  return {
    id: s.attributes.id,
    metadata: s.attributes.metadata,
    labels: s.attributes.labels,
    timestamp: s.cpu?.timestamp ?? s.memory?.timestamp ?? 0,
    cpuUsageCoreNanoSeconds: value(s.cpu?.usageCoreNanoSeconds),
    cpuUsageNanoCores: value(s.cpu?.usageNanoCores),
    memoryWorkingSetBytes: value(s.memory?.workingSetBytes),
    memoryUsageBytes: value(s.memory?.usageBytes),
    memoryRssBytes: value(s.memory?.rssBytes),
    memoryPageFaults: value(s.memory?.pageFaults),
    memoryMajorPageFaults: value(s.memory?.majorPageFaults),
    writableLayerUsedBytes: value(s.writableLayer?.usedBytes),
    writableLayerInodesUsed: value(s.writableLayer?.inodesUsed),
  };
}
