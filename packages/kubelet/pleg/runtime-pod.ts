import type { ContainerStatus as CriContainerStatus, PodSandboxStatus } from '@coxswain/cri';
import { type AnnotatedInfo, containerNameLabel, readAnnotations } from '../kuberuntime/labels.ts';

export type RuntimeContainerState = 'created' | 'running' | 'exited' | 'unknown';

/** A container as the runtime has it, with what its annotations tell. Times are ms since 1970, 0 for never. */
export interface RuntimeContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  readonly state: RuntimeContainerState;
  readonly createdAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  readonly reason: string;
  /** The termination message, or the runtime's words. */
  readonly message: string;
  readonly image: string;
  readonly imageRef: string;
  readonly logPath: string;
  readonly info: AnnotatedInfo;
  readonly raw: CriContainerStatus;
}

/** What the runtime has of a pod at one moment. */
export interface RuntimePod {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  /** Newest first. */
  readonly sandboxes: readonly PodSandboxStatus[];
  /** Newest first, of all sandboxes. */
  readonly containers: readonly RuntimeContainer[];
  /** Of the newest sandbox, when it is ready and not in the host's network. */
  readonly ips: readonly string[];
}

const states: Readonly<Record<string, RuntimeContainerState>> = {
  CONTAINER_CREATED: 'created',
  CONTAINER_RUNNING: 'running',
  CONTAINER_EXITED: 'exited',
};

export function toRuntimeContainer(
  status: CriContainerStatus,
  sandboxId: string,
  message: string,
): RuntimeContainer {
  return {
    id: status.id,
    sandboxId,
    name: status.labels[containerNameLabel] ?? status.metadata.name,
    state: states[status.state] ?? 'unknown',
    createdAt: Math.floor(status.createdAt / 1e6),
    startedAt: Math.floor(status.startedAt / 1e6),
    finishedAt: Math.floor(status.finishedAt / 1e6),
    exitCode: status.exitCode,
    reason: status.reason,
    message,
    image: status.image.image,
    imageRef: status.imageRef,
    logPath: status.logPath,
    info: readAnnotations(status.annotations),
    raw: status,
  };
}

/** The newest container of that name. */
export function findContainer(pod: RuntimePod, name: string): RuntimeContainer | undefined {
  return pod.containers.find((c) => c.name === name);
}

export function readySandbox(pod: RuntimePod): PodSandboxStatus | undefined {
  return pod.sandboxes.find((s) => s.state === 'SANDBOX_READY');
}

/** Containers of the newest sandbox: those before belong to a past life of the pod. */
export function activeContainers(pod: RuntimePod): readonly RuntimeContainer[] {
  const sandbox = pod.sandboxes[0];
  return sandbox === undefined ? [] : pod.containers.filter((c) => c.sandboxId === sandbox.id);
}

export function emptyRuntimePod(uid: string, name: string, namespace: string): RuntimePod {
  return { uid, name, namespace, sandboxes: [], containers: [], ips: [] };
}
