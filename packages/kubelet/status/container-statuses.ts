import { formatTime } from '@coxswain/machinery';
import type { ReasonCache } from '../kuberuntime/reason-cache.ts';
import { resizeOf } from '../kuberuntime/resize.ts';
import { shouldStart } from '../kuberuntime/restart-policy.ts';
import { findContainer, type RuntimeContainer, type RuntimePod } from '../pleg/runtime-pod.ts';
import type { Container, ContainerState, ContainerStatus, Pod } from '../types.ts';

export interface ContainerStatusContext {
  readonly pod: Pod;
  readonly runtimePod: RuntimePod;
  readonly reasons: ReasonCache;
  /** Such as `containerd`: the prefix of container ids. */
  readonly runtimeName: string;
}

/** Upstream's convertToAPIContainerStatuses for one of the three lists of containers. */
export function containerStatuses(
  context: ContainerStatusContext,
  containers: readonly Container[],
  previous: readonly ContainerStatus[],
  isInit: boolean,
): ContainerStatus[] {
  const { pod, runtimePod, reasons } = context;
  const waiting = (pod.spec.initContainers ?? []).length > 0 ? 'PodInitializing' : 'ContainerCreating';
  const statuses = containers.map((container) => {
    const old = previous.find((s) => s.name === container.name);
    const all = runtimePod.containers.filter((c) => c.name === container.name);
    const [current, before] = all;
    let status = initialStatus(container, old, waiting);
    if (current) {
      status = fromRuntime(context, container, current, old);
      if (before) status.lastState = stateOf(context, before);
    } else if (old) status = lostStatus(pod, status, old, waiting);

    const done =
      isInit && container.restartPolicy !== 'Always' && current?.state === 'exited' && current.exitCode === 0;
    const reason = reasons.get(pod.metadata.uid ?? '', container.name);
    if (
      reason &&
      !done &&
      (isInit ? mayRestartInit(pod, container, current) : shouldStart(pod, container, runtimePod))
    ) {
      if (status.state?.terminated) status.lastState = status.state;
      status.state = { waiting: { reason: reason.reason, message: reason.message } };
    }
    return status;
  });
  return isInit ? statuses : statuses.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function mayRestartInit(pod: Pod, container: Container, last: RuntimeContainer | undefined): boolean {
  if (pod.metadata.deletionTimestamp || last?.state === 'running') return false;
  return container.restartPolicy === 'Always' || pod.spec.restartPolicy !== 'Never' || last === undefined;
}

function initialStatus(
  container: Container,
  old: ContainerStatus | undefined,
  waiting: string,
): ContainerStatus {
  if (old?.state?.terminated) return { ...old };
  return {
    name: container.name,
    image: container.image ?? '',
    imageID: '',
    state: { waiting: { reason: waiting } },
    lastState: old?.lastState ?? {},
    ready: false,
    restartCount: old?.restartCount ?? 0,
    started: false,
  };
}

/** A container that was there and is not any more: nobody knows how it ended. */
function lostStatus(
  pod: Pod,
  status: ContainerStatus,
  old: ContainerStatus,
  waiting: string,
): ContainerStatus {
  if (!old.state?.running) {
    const isDefault = status.state?.waiting?.reason === waiting;
    if (!pod.metadata.deletionTimestamp || !isDefault) return status;
    return status;
  }
  const terminated = {
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: pod.metadata.deletionTimestamp
      ? 'The container could not be located when the pod was deleted.  The container used to be Running'
      : 'The container could not be located when the pod was terminated',
    startedAt: null as unknown as string,
    finishedAt: null as unknown as string,
  };
  if (pod.metadata.deletionTimestamp) return { ...status, state: { terminated } };
  return { ...status, lastState: { terminated }, restartCount: status.restartCount + 1 };
}

function fromRuntime(
  context: ContainerStatusContext,
  container: Container,
  runtime: RuntimeContainer,
  old: ContainerStatus | undefined,
): ContainerStatus {
  const { resources, volumeMounts } = container;
  const user = runtime.raw.user;
  return {
    name: container.name,
    containerID: `${context.runtimeName}://${runtime.id}`,
    image: runtime.image,
    imageID: runtime.imageRef,
    state: stateOf(context, runtime),
    lastState: old?.lastState?.terminated ? old.lastState : {},
    ready: false,
    restartCount: runtime.info.restartCount,
    started: false,
    ...(resources?.requests && runtime.state === 'running' ? { allocatedResources: resources.requests } : {}),
    ...(runtime.state === 'running' ? { resources: actualResources(container, runtime, old) } : {}),
    ...(volumeMounts && volumeMounts.length > 0
      ? {
          volumeMounts: volumeMounts.map((m) => ({
            name: m.name,
            mountPath: m.mountPath,
            ...(m.readOnly ? { readOnly: true, recursiveReadOnly: 'Disabled' } : {}),
          })),
        }
      : {}),
    ...(user
      ? {
          user: {
            linux: { uid: user.uid, gid: user.gid, supplementalGroups: [...user.supplementalGroups] },
          },
        }
      : {}),
  };
}

/** What the container has: what it was granted, once that has come into force. */
function actualResources(
  container: Container,
  runtime: RuntimeContainer,
  old: ContainerStatus | undefined,
): NonNullable<ContainerStatus['resources']> {
  const granted = container.resources ?? {};
  return resizeOf(container, runtime).kind === 'none' ? granted : (old?.resources ?? granted);
}

function stateOf(context: ContainerStatusContext, runtime: RuntimeContainer): ContainerState {
  switch (runtime.state) {
    case 'running':
      return { running: { startedAt: formatTime(runtime.startedAt) } };
    case 'exited':
      return {
        terminated: {
          exitCode: runtime.exitCode,
          reason: runtime.reason,
          ...(runtime.message === '' ? {} : { message: runtime.message }),
          startedAt: formatTime(runtime.startedAt),
          finishedAt: formatTime(runtime.finishedAt),
          containerID: `${context.runtimeName}://${runtime.id}`,
        },
      };
    default:
      return {
        waiting: { reason: findContainer(context.runtimePod, runtime.name) ? 'ContainerCreating' : '' },
      };
  }
}
