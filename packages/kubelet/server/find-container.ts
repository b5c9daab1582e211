import { findContainer, type RuntimeContainer, type RuntimePod, readySandbox } from '../pleg/runtime-pod.ts';
import type { Pod } from '../types.ts';
import { ServerError } from './server-error.ts';

/** What the server may look at. */
export interface PodLookup {
  readonly pods: () => readonly Pod[];
  readonly runtimePod: (uid: string) => RuntimePod | undefined;
}

/** The pod of that name, or 404. */
export function findPod(lookup: PodLookup, namespace: string, name: string, uid?: string): Pod {
  const pod = lookup
    .pods()
    .find(
      (p) =>
        p.metadata.namespace === namespace &&
        p.metadata.name === name &&
        (uid === undefined || p.metadata.uid === uid),
    );
  if (!pod) throw new ServerError(404, 'pod does not exist');
  return pod;
}

/** The running container of that name, or 404. */
export function findRunning(lookup: PodLookup, pod: Pod, name: string): RuntimeContainer {
  const runtimePod = lookup.runtimePod(pod.metadata.uid ?? '');
  const container = runtimePod && findContainer(runtimePod, name);
  if (container?.state !== 'running') throw new ServerError(404, `container not found ("${name}")`);
  return container;
}

/** The container whose log is asked for, or 400 with upstream's words. */
export function findLogged(lookup: PodLookup, pod: Pod, name: string, previous: boolean): RuntimeContainer {
  const all = [
    ...pod.spec.containers,
    ...(pod.spec.initContainers ?? []),
    ...(pod.spec.ephemeralContainers ?? []),
  ];
  if (!all.some((c) => c.name === name)) {
    throw new ServerError(404, `container "${name}" not found in pod "${pod.metadata.name}"`);
  }
  const runtimePod = lookup.runtimePod(pod.metadata.uid ?? '');
  const mine = (runtimePod?.containers ?? []).filter((c) => c.name === name);
  const where = `container "${name}" in pod "${pod.metadata.name}"`;
  if (previous) {
    const last =
      mine[0]?.state === 'exited' && mine.length === 1 && isRestarting(pod, name) ? mine[0] : mine[1];
    if (!last) throw new ServerError(400, `previous terminated ${where} not found`);
    return last;
  }
  const current = mine[0];
  if (current && current.state !== 'created') return current;
  const statuses = [
    ...(pod.status.containerStatuses ?? []),
    ...(pod.status.initContainerStatuses ?? []),
    ...(pod.status.ephemeralContainerStatuses ?? []),
  ];
  const waiting = statuses.find((s) => s.name === name)?.state?.waiting;
  const why = waiting?.reason ?? 'ContainerCreating';
  const text =
    why === 'ImagePullBackOff' || why === 'ErrImagePull'
      ? `${where} is waiting to start: ${why === 'ErrImagePull' ? "image can't be pulled" : 'trying and failing to pull image'}`
      : `${where} is waiting to start: ${why}`;
  throw new ServerError(400, text);
}

/** A container that waits to be started again has ended before: its only life is its previous one. */
function isRestarting(pod: Pod, name: string): boolean {
  const status = (pod.status.containerStatuses ?? []).find((s) => s.name === name);
  return status?.state?.waiting !== undefined && status.lastState?.terminated !== undefined;
}

/** The sandbox that ports are forwarded to, or 404. */
export function findSandboxId(lookup: PodLookup, pod: Pod): string {
  const runtimePod = lookup.runtimePod(pod.metadata.uid ?? '');
  const sandbox = runtimePod && readySandbox(runtimePod);
  if (!sandbox) throw new ServerError(404, `pod not found ("${pod.metadata.uid}")`);
  return sandbox.id;
}
