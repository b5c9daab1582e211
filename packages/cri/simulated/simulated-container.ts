import type { Timer } from '@coxswain/machinery';
import type {
  Container,
  ContainerConfig,
  ContainerState,
  ContainerStats,
  ContainerStatus,
  LinuxContainerResources,
} from '../container.ts';
import type { Behaviour } from './behaviour.ts';
import type { SimulatedSandbox } from './simulated-sandbox.ts';

/** A container of the simulated runtime. Times are nanoseconds since 1970. */
export interface SimulatedContainer {
  readonly id: string;
  readonly sandbox: SimulatedSandbox;
  readonly config: ContainerConfig;
  readonly behaviour: Behaviour;
  readonly createdAt: number;
  readonly imageId: string;
  state: ContainerState;
  startedAt: number;
  finishedAt: number;
  exitCode: number;
  /** Ends it by itself; absent when nothing does. */
  timer: Timer | undefined;
  resources: LinuxContainerResources;
}

export function listedContainer(c: SimulatedContainer): Container {
  return {
    id: c.id,
    podSandboxId: c.sandbox.id,
    metadata: c.config.metadata,
    image: c.config.image,
    imageRef: c.imageId,
    imageId: c.imageId,
    state: c.state,
    createdAt: c.createdAt,
    labels: c.config.labels,
    annotations: c.config.annotations,
  };
}

/** @param imageName what the image is called */
export function statusOfContainer(c: SimulatedContainer, imageName: string): ContainerStatus {
  const exited = c.state === 'CONTAINER_EXITED';
  return {
    id: c.id,
    metadata: c.config.metadata,
    state: c.state,
    createdAt: c.createdAt,
    startedAt: c.startedAt,
    finishedAt: c.finishedAt,
    exitCode: c.exitCode,
    image: { image: imageName },
    imageRef: c.imageId,
    imageId: c.imageId,
    reason: exited ? (c.exitCode === 0 ? 'Completed' : 'Error') : '',
    message: '',
    labels: c.config.labels,
    annotations: c.config.annotations,
    mounts: c.config.mounts,
    logPath: '',
    resources: c.resources,
  };
}

/** A container that does nothing uses nothing. */
export function statsOfContainer(c: SimulatedContainer, timestamp: number): ContainerStats {
  return {
    id: c.id,
    metadata: c.config.metadata,
    labels: c.config.labels,
    timestamp,
    cpuUsageCoreNanoSeconds: 0,
    cpuUsageNanoCores: 0,
    memoryWorkingSetBytes: 0,
    memoryUsageBytes: 0,
    memoryRssBytes: 0,
    memoryPageFaults: 0,
    memoryMajorPageFaults: 0,
    writableLayerUsedBytes: 0,
    writableLayerInodesUsed: 0,
  };
}
