import type { LinuxContainerResources } from '@coxswain/cri';
import {
  activeContainers,
  findContainer,
  type RuntimeContainer,
  type RuntimePod,
} from '../pleg/runtime-pod.ts';
import type { ProbeResults } from '../prober/results.ts';
import type { Container, Pod } from '../types.ts';
import { initActions } from './init-actions.ts';
import { containerHash } from './labels.ts';
import { resizeOf } from './resize.ts';
import { restartPolicyOf, restartsOnFailure, shouldStart } from './restart-policy.ts';

/** Why a running container is killed; some reasons have a grace period of their own. */
export type KillReason = 'Unknown' | 'StartupProbe' | 'LivenessProbe' | 'FailedPostStartHook';

export interface ContainerToKill {
  readonly container: RuntimeContainer;
  readonly name: string;
  readonly message: string;
  readonly reason: KillReason;
}

/** What brings the runtime's pod to what the spec says; a decision, nothing done yet. */
export interface PodActions {
  /** Kill all of it: to make it anew, or for good. */
  readonly killPod: boolean;
  readonly createSandbox: boolean;
  /** Of the sandbox to go on with; '' when there is none. */
  readonly sandboxId: string;
  /** For the next sandbox. */
  readonly attempt: number;
  readonly initToStart: readonly Container[];
  readonly toStart: readonly Container[];
  readonly ephemeralToStart: readonly Container[];
  readonly toKill: readonly ContainerToKill[];
  /** Running containers whose resources are to be changed. */
  readonly toUpdate: readonly { readonly id: string; readonly resources: LinuxContainerResources }[];
}

/** What the probes say. */
export interface ProbeVerdicts {
  readonly liveness: ProbeResults;
  readonly startup: ProbeResults;
}

/** Upstream's computePodActions. */
export function computePodActions(pod: Pod, runtimePod: RuntimePod, probes: ProbeVerdicts): PodActions {
  const sandbox = sandboxChange(pod, runtimePod);
  return sandbox.changed
    ? actionsForNewSandbox(pod, runtimePod, sandbox)
    : actionsInSandbox(pod, runtimePod, probes, sandbox);
}

interface SandboxChange {
  readonly changed: boolean;
  readonly attempt: number;
  readonly id: string;
}

function sandboxChange(pod: Pod, runtimePod: RuntimePod): SandboxChange {
  const [newest] = runtimePod.sandboxes;
  if (newest === undefined) return { changed: true, attempt: 0, id: '' };
  const next = newest.metadata.attempt + 1;
  const ready = runtimePod.sandboxes.filter((s) => s.state === 'SANDBOX_READY').length;
  const hostNetwork = pod.spec.hostNetwork === true;
  if (ready > 1 || newest.state !== 'SANDBOX_READY') return { changed: true, attempt: next, id: newest.id };
  if (newest.hostNetwork !== hostNetwork) return { changed: true, attempt: next, id: '' };
  if (!hostNetwork && newest.ips.length === 0) return { changed: true, attempt: next, id: newest.id };
  return { changed: false, attempt: newest.metadata.attempt, id: newest.id };
}

function none(sandbox: SandboxChange, parts: Partial<PodActions> = {}): PodActions {
  return {
    killPod: false,
    createSandbox: false,
    sandboxId: sandbox.id,
    attempt: sandbox.attempt,
    initToStart: [],
    toStart: [],
    ephemeralToStart: [],
    toKill: [],
    toUpdate: [],
    ...parts,
  };
}

function actionsForNewSandbox(pod: Pod, runtimePod: RuntimePod, sandbox: SandboxChange): PodActions {
  const ran = runtimePod.containers.length > 0;
  if (!restartsOnFailure(pod) && sandbox.attempt !== 0 && ran) return none(sandbox, { killPod: true });
  const toStart = pod.spec.containers.filter((c) => {
    const last = findContainer(runtimePod, c.name);
    return !(
      restartPolicyOf(pod, c, last) === 'OnFailure' &&
      last?.state === 'exited' &&
      last.exitCode === 0
    );
  });
  // Everything has done its work already: a sandbox would only be made to be thrown away.
  if (toStart.length === 0) return none(sandbox, { killPod: true });
  const first = pod.spec.initContainers?.[0];
  const start = first === undefined ? { toStart } : { initToStart: [first] };
  return none(sandbox, { killPod: true, createSandbox: true, ...start });
}

function actionsInSandbox(
  pod: Pod,
  runtimePod: RuntimePod,
  probes: ProbeVerdicts,
  sandbox: SandboxChange,
): PodActions {
  const active: RuntimePod = { ...runtimePod, containers: activeContainers(runtimePod) };
  const ephemeralToStart = (pod.spec.ephemeralContainers ?? [])
    .map((c) => c as unknown as Container)
    .filter((c) => findContainer(runtimePod, c.name) === undefined);

  const init = initActions(pod, active, probes);
  const toKill = [...init.toKill];
  if (init.failed) return none(sandbox, { killPod: true });
  if (!init.done) return none(sandbox, { initToStart: init.toStart, toKill, ephemeralToStart });

  const toStart: Container[] = [];
  const toUpdate: { id: string; resources: LinuxContainerResources }[] = [];
  let keep = 0;
  for (const container of pod.spec.containers) {
    const last = findContainer(runtimePod, container.name);
    if (last === undefined || last.state !== 'running') {
      if (!shouldStart(pod, container, runtimePod)) continue;
      toStart.push(container);
      // It may yet run: make sure that there is one of it only.
      if (last?.state === 'unknown')
        toKill.push(kill(container, last, 'is in unknown state, try killing it before restart'));
      continue;
    }
    const verdict = judge(pod, container, last, probes);
    if (verdict === undefined) {
      keep++;
      const resize = resizeOf(container, last);
      if (resize.kind === 'update') toUpdate.push({ id: last.id, resources: resize.resources });
    } else {
      toKill.push(verdict.kill);
      if (verdict.restart) toStart.push(container);
    }
  }
  if (keep === 0 && toStart.length === 0) return none(sandbox, { killPod: true });
  return none(sandbox, { initToStart: init.toStart, toStart, ephemeralToStart, toKill, toUpdate });
}

/** Whether a running container must go, and come again; absent when it may stay. */
export function judge(
  pod: Pod,
  container: Container,
  running: RuntimeContainer,
  probes: ProbeVerdicts,
): { readonly kill: ContainerToKill; readonly restart: boolean } | undefined {
  const { name } = container;
  let message: string;
  let reason: KillReason = 'Unknown';
  let restart = restartPolicyOf(pod, container) !== 'Never';
  if (running.info.hash !== containerHash(container)) {
    message = `Container ${name} definition changed`;
    restart = true;
  } else if (probes.liveness.get(running.id) === 'failure') {
    message = `Container ${name} failed liveness probe`;
    reason = 'LivenessProbe';
  } else if (probes.startup.get(running.id) === 'failure') {
    message = `Container ${name} failed startup probe`;
    reason = 'StartupProbe';
  } else if (resizeOf(container, running).kind === 'restart') {
    message = `Container ${name} resize requires restart`;
    restart = true;
  } else return undefined;
  const text = restart ? `${message}, will be restarted` : message;
  return { restart, kill: { container: running, name, message: text, reason } };
}

function kill(container: Container, running: RuntimeContainer, what: string): ContainerToKill {
  const message = `Container ${container.name} ${what}`;
  return { container: running, name: container.name, message, reason: 'Unknown' };
}
