import { isRestartableInit } from '../kuberuntime/restart-policy.ts';
import type { ContainerStatus, Pod, PodPhase } from '../types.ts';

/**
 * Upstream's getPhase: what the statuses of a pod's containers come to.
 *
 * @param terminal the pod will not run again, whatever its policy says
 */
export function phaseOf(
  pod: Pod,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
  terminal: boolean,
): PodPhase {
  const { spec } = pod;
  const policy = spec.restartPolicy ?? 'Always';
  let pendingInit = 0;
  let failedInit = 0;
  for (const container of spec.initContainers ?? []) {
    const status = initStatuses.find((s) => s.name === container.name);
    const sidecar = isRestartableInit(container);
    if (!status) pendingInit++;
    else if (status.state?.running) {
      if (!sidecar || !status.started) pendingInit++;
    } else if (status.state?.terminated) {
      if (status.state.terminated.exitCode !== 0 && !sidecar) failedInit++;
    } else if (status.lastState?.terminated) {
      if (status.lastState.terminated.exitCode !== 0 && !sidecar) failedInit++;
    } else pendingInit++;
  }

  let unknown = 0;
  let running = 0;
  let waiting = 0;
  let stopped = 0;
  let succeeded = 0;
  for (const container of spec.containers) {
    const status = statuses.find((s) => s.name === container.name);
    const state = status?.state;
    if (state?.running) running++;
    else if (state?.terminated) {
      stopped++;
      if (state.terminated.exitCode === 0) succeeded++;
    } else if (state?.waiting) {
      if (status?.lastState?.terminated) stopped++;
      else waiting++;
    } else unknown++;
  }

  if (failedInit > 0 && policy === 'Never') return 'Failed';
  // A container that has run shows that initialization is over: sidecars may come and go since.
  if (pendingInit > 0 && running + stopped === 0) return terminal ? 'Failed' : 'Pending';
  if (failedInit > 0 && running + stopped === 0) return terminal ? 'Failed' : 'Pending';
  if (waiting > 0) return terminal && running === 0 ? 'Failed' : 'Pending';
  if (running > 0 && unknown === 0) return 'Running';
  if (running === 0 && stopped > 0 && unknown === 0) {
    if (terminal) return stopped === succeeded ? 'Succeeded' : 'Failed';
    if (policy === 'Always') return 'Running';
    if (stopped === succeeded) return 'Succeeded';
    return policy === 'Never' ? 'Failed' : 'Running';
  }
  return 'Pending';
}
