import type { Clock } from '@coxswain/machinery';
import type { ReasonCache } from '../kuberuntime/reason-cache.ts';
import { resizeOf } from '../kuberuntime/resize.ts';
import { isRestartableInit } from '../kuberuntime/restart-policy.ts';
import { findContainer, type RuntimePod } from '../pleg/runtime-pod.ts';
import type { ResizePending } from '../pods/allocations.ts';
import { qosOf } from '../pods/qos.ts';
import type { ProbeResults } from '../prober/results.ts';
import type { Container, ContainerStatus, Pod, PodCondition, PodStatus } from '../types.ts';
import { containersReady, podInitialized, podReady } from './conditions.ts';
import { type ContainerStatusContext, containerStatuses } from './container-statuses.ts';
import { phaseOf } from './phase.ts';
import { resizeConditionTypes } from './status-patch.ts';

export interface PodStatusSources {
  readonly reasons: ReasonCache;
  readonly readiness: ProbeResults;
  readonly startup: ProbeResults;
  readonly runtimeName: string;
  readonly hostIps: readonly string[];
  readonly clock: Clock;
}

/**
 * Upstream's generateAPIPodStatus: a pod's status from what the runtime has of it.
 *
 * @param old the status that was generated before, or the API server's
 * @param pod with the resources that it was granted
 * @param terminal the pod will not run again
 * @param pending why it was not granted what its spec says
 */
export function generatePodStatus(
  pod: Pod,
  runtimePod: RuntimePod,
  old: PodStatus,
  terminal: boolean,
  sources: PodStatusSources,
  pending?: ResizePending,
): PodStatus {
  const context: ContainerStatusContext = { ...sources, pod, runtimePod };
  const inits = pod.spec.initContainers ?? [];
  const ephemerals = (pod.spec.ephemeralContainers ?? []) as unknown as Container[];
  const statuses = containerStatuses(context, pod.spec.containers, old.containerStatuses ?? [], false);
  const initStatuses = containerStatuses(context, inits, old.initContainerStatuses ?? [], true);
  const ephemeralStatuses = containerStatuses(
    context,
    ephemerals,
    old.ephemeralContainerStatuses ?? [],
    false,
  );

  for (const status of statuses) markReady(status, pod.spec.containers, sources);
  for (const status of initStatuses) {
    const container = inits.find((c) => c.name === status.name);
    if (container && isRestartableInit(container)) markReady(status, inits, sources);
    else {
      status.ready = status.state?.terminated?.exitCode === 0;
      status.started = status.state?.running !== undefined;
    }
  }
  for (const status of ephemeralStatuses) delete status.started;

  // A pod that failed or succeeded stays so, whatever becomes of its containers.
  const settled = old.phase === 'Failed' || old.phase === 'Succeeded' ? old.phase : undefined;
  const phase = settled ?? phaseOf(pod, initStatuses, statuses, terminal);
  const generation = pod.metadata.generation;
  const conditions = conditionsOf(pod, runtimePod, old, [statuses, initStatuses], phase, pending);
  const ips = pod.spec.hostNetwork ? sources.hostIps : runtimePod.ips.length > 0 ? runtimePod.ips : undefined;
  const podIps = ips ?? (phase === 'Pending' ? undefined : old.podIPs?.map((p) => p.ip)) ?? [];
  const [hostIP] = sources.hostIps;
  return {
    ...carried(old),
    phase,
    qosClass: qosOf(pod),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(settled && old.reason ? { reason: old.reason } : {}),
    ...(settled && old.message ? { message: old.message } : {}),
    conditions,
    ...(hostIP === undefined ? {} : { hostIP, hostIPs: sources.hostIps.map((ip) => ({ ip })) }),
    ...(podIps[0] === undefined ? {} : { podIP: podIps[0], podIPs: podIps.map((ip) => ({ ip })) }),
    ...(statuses.length > 0 ? { containerStatuses: statuses } : {}),
    ...(initStatuses.length > 0 ? { initContainerStatuses: initStatuses } : {}),
    ...(ephemeralStatuses.length > 0 ? { ephemeralContainerStatuses: ephemeralStatuses } : {}),
  };
}

/** Only there while there is something to tell. */
function resizeConditions(
  pod: Pod,
  runtimePod: RuntimePod,
  pending: ResizePending | undefined,
): PodCondition[] {
  const conditions: PodCondition[] = [];
  if (pending) conditions.push({ type: 'PodResizePending', status: 'True', ...pending });
  const inProgress = pod.spec.containers.some((c) => {
    const running = findContainer(runtimePod, c.name);
    return running?.state === 'running' && resizeOf(c, running).kind !== 'none';
  });
  if (inProgress) conditions.push({ type: 'PodResizeInProgress', status: 'True' });
  return conditions;
}

/** What others write into the status, or was decided once. */
function carried(old: PodStatus): Partial<PodStatus> {
  const { startTime, nominatedNodeName, resourceClaimStatuses } = old;
  return Object.fromEntries(
    Object.entries({ startTime, nominatedNodeName, resourceClaimStatuses }).filter(
      ([, v]) => v !== undefined,
    ),
  );
}

/** Sets `started` and `ready` from the probes, or from the state where there are none. */
function markReady(
  status: ContainerStatus,
  containers: readonly Container[],
  { startup, readiness }: PodStatusSources,
): void {
  const container = containers.find((c) => c.name === status.name);
  const running = status.state?.running !== undefined;
  const id = (status.containerID ?? '').replace(/^[^:]*:\/\//, '');
  const started = running && (!container?.startupProbe || startup.get(id) === 'success');
  status.started = started;
  status.ready = started && (!container?.readinessProbe || readiness.get(id) === 'success');
}

function conditionsOf(
  pod: Pod,
  runtimePod: RuntimePod,
  old: PodStatus,
  [statuses, initStatuses]: readonly [readonly ContainerStatus[], readonly ContainerStatus[]],
  phase: Parameters<typeof containersReady>[2],
  pending: ResizePending | undefined,
): PodCondition[] {
  const generation = pod.metadata.generation;
  const before = old.conditions ?? [];
  const [sandbox] = runtimePod.sandboxes;
  const networked =
    sandbox?.state === 'SANDBOX_READY' && (pod.spec.hostNetwork === true || sandbox.ips.length > 0);
  const containers = containersReady(pod, [...initStatuses, ...statuses], phase);
  const own = new Map<string, Pick<PodCondition, 'status' | 'reason' | 'message'>>([
    ['PodReadyToStartContainers', { status: networked ? 'True' : 'False' }],
    ['Initialized', podInitialized(pod, initStatuses, statuses, phase)],
    ['Ready', podReady(pod, containers, before)],
    ['ContainersReady', containers],
    ['PodScheduled', { status: 'True' }],
  ]);
  const conditions: PodCondition[] = [...own].map(([type, verdict]) => ({
    type,
    ...verdict,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  }));
  const resize = resizeConditions(pod, runtimePod, pending).map((c) => ({
    ...c,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  }));
  // Conditions of others stay as they are.
  const others = before.filter((c) => !own.has(c.type) && !resizeConditionTypes.includes(c.type));
  return [...conditions, ...others, ...resize];
}
