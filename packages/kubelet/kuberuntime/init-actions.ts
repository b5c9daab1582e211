import { findContainer, type RuntimePod } from '../pleg/runtime-pod.ts';
import type { Container, Pod } from '../types.ts';
import { type ContainerToKill, judge, type ProbeVerdicts } from './pod-actions.ts';
import { isRestartableInit } from './restart-policy.ts';

export interface InitActions {
  /** Regular containers may run. */
  readonly done: boolean;
  /** An init container has failed for good. */
  readonly failed: boolean;
  readonly toStart: readonly Container[];
  readonly toKill: readonly ContainerToKill[];
}

/**
 * What the init containers need: one after the other to its end, sidecars to their start and again whenever
 * they end.
 *
 * @param active the pod as far as its newest sandbox goes
 */
export function initActions(pod: Pod, active: RuntimePod, probes: ProbeVerdicts): InitActions {
  const inits = pod.spec.initContainers ?? [];
  const toStart: Container[] = [];
  const toKill: ContainerToKill[] = [];
  const result = (done: boolean, failed = false): InitActions => ({ done, failed, toStart, toKill });

  // Once a regular container was made in this sandbox, initialization is history.
  const initialized = pod.spec.containers.some((c) => findContainer(active, c.name) !== undefined);
  const reached = inits.findLastIndex((c) => findContainer(active, c.name) !== undefined);

  for (const [i, container] of inits.entries()) {
    const last = findContainer(active, container.name);
    // What lies behind the farthest one that was made has done its part, even if it is removed since.
    const behind = initialized || i < reached;
    if (isRestartableInit(container)) {
      if (last?.state === 'running') {
        const verdict = judge(pod, container, last, probes);
        if (verdict) {
          toKill.push(verdict.kill);
          toStart.push(container);
          if (!behind) return result(false);
        } else if (!behind && container.startupProbe && probes.startup.get(last.id) !== 'success') {
          return result(false);
        }
        continue;
      }
      if (pod.metadata.deletionTimestamp) continue;
      toStart.push(container);
      if (!behind) return result(false);
      continue;
    }
    if (behind) continue;
    if (last?.state === 'running') return result(false);
    if (last?.state === 'exited' && last.exitCode === 0) continue;
    if (last?.state === 'exited' && pod.spec.restartPolicy === 'Never') return result(false, true);
    if (last?.state === 'unknown') {
      toKill.push({
        container: last,
        name: container.name,
        message: `Init container is in ${last.state} state, try killing it before restart`,
        reason: 'Unknown',
      });
    }
    toStart.push(container);
    return result(false);
  }
  return result(true);
}
