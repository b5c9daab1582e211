import { isRestartableInit } from '../kuberuntime/restart-policy.ts';
import type { ContainerStatus, Pod, PodCondition, PodPhase } from '../types.ts';

type Verdict = Pick<PodCondition, 'status' | 'reason' | 'message'>;

const ok: Verdict = { status: 'True' };

/** Upstream's GenerateContainersReadyCondition. */
export function containersReady(pod: Pod, statuses: readonly ContainerStatus[], phase: PodPhase): Verdict {
  const unknown: string[] = [];
  const unready: string[] = [];
  const sidecars = (pod.spec.initContainers ?? []).filter(isRestartableInit);
  for (const container of [...sidecars, ...pod.spec.containers]) {
    const status = statuses.find((s) => s.name === container.name);
    if (!status) unknown.push(container.name);
    else if (!status.ready) unready.push(container.name);
  }
  if (phase === 'Succeeded' && unknown.length === 0) return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const message = list([
    ['unknown', unknown],
    ['unready', unready],
  ]);
  return message === '' ? ok : { status: 'False', reason: 'ContainersNotReady', message };
}

/** Upstream's GeneratePodReadyCondition: the containers and the readiness gates. */
export function podReady(pod: Pod, containers: Verdict, conditions: readonly PodCondition[]): Verdict {
  if (containers.status !== 'True') return containers;
  const messages: string[] = [];
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const condition = conditions.find((c) => c.type === conditionType);
    if (!condition) {
      messages.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    } else if (condition.status !== 'True') {
      messages.push(
        `the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`,
      );
    }
  }
  if (messages.length === 0) return ok;
  return { status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

/** Upstream's GeneratePodInitializedCondition. */
export function podInitialized(
  pod: Pod,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
  phase: PodPhase,
): Verdict {
  const unknown: string[] = [];
  const incomplete: string[] = [];
  for (const container of pod.spec.initContainers ?? []) {
    const status = initStatuses.find((s) => s.name === container.name);
    if (!status) unknown.push(container.name);
    else if (isRestartableInit(container) ? !status.started : !status.ready) incomplete.push(container.name);
  }
  if (phase === 'Succeeded' && unknown.length === 0) return { status: 'True', reason: 'PodCompleted' };
  // What runs after initialization shows that it is over, even if a sidecar is down at the moment.
  if (statuses.some((s) => s.state?.running || s.lastState?.terminated)) return ok;
  const message = list([
    ['unknown', unknown],
    ['incomplete', incomplete],
  ]);
  return message === '' ? ok : { status: 'False', reason: 'ContainersNotInitialized', message };
}

function list(groups: readonly (readonly [string, readonly string[]])[]): string {
  return groups
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `containers with ${what} status: [${names.join(' ')}]`)
    .join(', ');
}
