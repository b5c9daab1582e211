import type { ContainerConfig, Device, Image, LinuxContainerResources, Mount } from '@coxswain/cri';
import { cpuAndMemory, oomScoreAdj } from '../cm/linux-resources.ts';
import { isCriticalPod } from '../pods/pod-names.ts';
import { qosOf } from '../pods/qos.ts';
import type { Container, Pod } from '../types.ts';
import { expand } from './expansion.ts';
import { containerAnnotations, containerLabels } from './labels.ts';
import { runtimeSecurityContext } from './security-context.ts';

/** What the kubelet has prepared for a container. */
export interface RunContainerOptions {
  readonly envs: readonly { readonly name: string; readonly value: string }[];
  readonly mounts: readonly Mount[];
  readonly devices: readonly Device[];
  /** Groups that own volumes of the pod. */
  readonly volumeGroups: readonly number[];
}

export interface ContainerSurroundings {
  readonly nodeMemoryBytes: number;
  readonly seccompRoot: string;
  /** The container whose process namespace an ephemeral container joins. */
  readonly targetId?: string;
}

/** Upstream's generateContainerConfig. */
export function containerConfig(
  pod: Pod,
  container: Container,
  restartCount: number,
  image: Image,
  options: RunContainerOptions,
  node: ContainerSurroundings,
): ContainerConfig {
  const env = new Map(options.envs.map((e) => [e.name, e.value]));
  const fill = (text: string): string => expand(text, env);
  return {
    metadata: { name: container.name, attempt: restartCount },
    image: { image: image.id },
    command: (container.command ?? []).map(fill),
    args: (container.args ?? []).map(fill),
    workingDir: container.workingDir ?? '',
    envs: options.envs.map((e) => ({ key: e.name, value: e.value })),
    mounts: options.mounts,
    devices: options.devices,
    labels: containerLabels(pod, container),
    annotations: containerAnnotations(pod, container, restartCount),
    logPath: `${container.name}/${restartCount}.log`,
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    linux: {
      resources: containerResources(pod, container, node.nodeMemoryBytes),
      securityContext: runtimeSecurityContext(
        pod,
        container,
        image,
        options.volumeGroups,
        node.seccompRoot,
        node.targetId,
      ),
    },
    ...(container.lifecycle?.stopSignal === undefined ? {} : { stopSignal: container.lifecycle.stopSignal }),
  };
}

function containerResources(
  pod: Pod,
  container: Container,
  nodeMemoryBytes: number,
): LinuxContainerResources {
  return {
    ...cpuAndMemory(container.resources ?? {}),
    oomScoreAdj: oomScoreAdj(container, qosOf(pod), isCriticalPod(pod), nodeMemoryBytes),
  };
}
