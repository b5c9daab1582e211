import type { EventRecorder } from '@coxswain/controller';
import type { PodSandboxConfig, RuntimeService } from '@coxswain/cri';
import { type Clock, formatGoDuration, goQuote, type Logger } from '@coxswain/machinery';
import type { RuntimePod } from '../pleg/runtime-pod.ts';
import { formatPod } from '../pods/pod-names.ts';
import type { Container, Pod, Secret } from '../types.ts';
import { Backoff } from './backoff.ts';
import type { RunContainerOptions } from './container-config.ts';
import type { ContainerKiller } from './container-killer.ts';
import type { ContainerStarter } from './container-starter.ts';
import { removeDeadContainers } from './dead-containers.ts';
import { containerEvent, podEvent } from './events.ts';
import { containerHash } from './labels.ts';
import { computePodActions, type PodActions, type ProbeVerdicts } from './pod-actions.ts';
import type { PodKiller } from './pod-killer.ts';
import type { ReasonCache } from './reason-cache.ts';
import type { StartGate } from './start-gate.ts';
import { SyncError } from './sync-error.ts';

/** Between restarts of a container: 10 s doubling to 5 min. */
const initialBackoffMs = 10_000;
const maxBackoffMs = 300_000;

export interface PodSyncRequest {
  readonly pod: Pod;
  readonly runtimePod: RuntimePod;
  readonly secrets: readonly Secret[];
  readonly sandbox: (attempt: number) => PodSandboxConfig;
  readonly options: (container: Container, podIps: readonly string[]) => Promise<RunContainerOptions>;
  /** Asked for only when a sandbox is made. */
  readonly runtimeHandler: () => Promise<string>;
  /** A step is done, and more are to come. */
  readonly onStep: () => void;
}

/** What a sync has left undone. */
export interface PodSyncResult {
  readonly errors: readonly SyncError[];
}

export interface PodSyncerParts {
  readonly runtime: RuntimeService;
  readonly recorder: EventRecorder;
  readonly starter: ContainerStarter;
  readonly killer: ContainerKiller;
  readonly podKiller: PodKiller;
  readonly reasons: ReasonCache;
  readonly probes: ProbeVerdicts;
  readonly gate: StartGate;
  /** A container has other resources than before. */
  readonly onResized: (containerId: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Brings the runtime's pod to what the spec says, as upstream's SyncPod. */
export class PodSyncer {
  readonly #parts: PodSyncerParts;
  readonly #backoff: Backoff;

  constructor(parts: PodSyncerParts) {
    this.#parts = parts;
    this.#backoff = new Backoff(parts.clock, initialBackoffMs, maxBackoffMs);
  }

  async sync(request: PodSyncRequest): Promise<PodSyncResult> {
    const { pod, runtimePod } = request;
    const actions = computePodActions(pod, runtimePod, this.#parts.probes);
    const errors: SyncError[] = [];
    if (actions.killPod) {
      if (actions.createSandbox && actions.sandboxId !== '') {
        const text = 'Pod sandbox changed, it will be killed and re-created.';
        podEvent(this.#parts.recorder, pod, 'Normal', 'SandboxChanged', text);
      }
      await this.#parts.podKiller.kill(pod, runtimePod);
    } else {
      await Promise.all(
        actions.toKill.map((k) =>
          this.#parts.killer.kill({
            pod,
            containerId: k.container.id,
            name: k.name,
            message: k.message,
            reason: k.reason,
            podIp: runtimePod.ips[0] ?? '',
          }),
        ),
      );
    }
    for (const { id, resources } of actions.toUpdate) {
      await this.#parts.runtime.updateContainerResources(id, resources);
      this.#parts.onResized(id);
    }
    const sandbox = request.sandbox(actions.attempt);
    let sandboxId = actions.sandboxId;
    let podIps = runtimePod.ips;
    if (actions.createSandbox) {
      const made = await this.#createSandbox(pod, sandbox, request.runtimeHandler);
      if (made instanceof SyncError) return { errors: [made] };
      sandboxId = made.id;
      podIps = made.ips;
      request.onStep();
    }
    await this.#startAll(request, actions, { id: sandboxId, config: sandbox, ips: podIps }, errors);
    return { errors };
  }

  /** Whether a sync of the pod as it is now would change nothing. */
  isSettled(pod: Pod, runtimePod: RuntimePod): boolean {
    const actions = computePodActions(pod, runtimePod, this.#parts.probes);
    const { initToStart, toStart, ephemeralToStart, toKill, toUpdate } = actions;
    const lists = [initToStart, toStart, ephemeralToStart, toKill, toUpdate];
    return !actions.killPod && lists.every((l) => l.length === 0);
  }

  async #createSandbox(
    pod: Pod,
    config: PodSandboxConfig,
    runtimeHandler: () => Promise<string>,
  ): Promise<{ id: string; ips: readonly string[] } | SyncError> {
    try {
      const handler = await runtimeHandler();
      const id = await this.#parts.gate.run('sandbox', () =>
        this.#parts.runtime.runPodSandbox(config, handler),
      );
      const { ips, hostNetwork } = await this.#parts.runtime.podSandboxStatus(id);
      return { id, ips: hostNetwork ? [] : ips };
    } catch (cause) {
      const text = `Failed to create pod sandbox: ${(cause as Error).message}`;
      podEvent(this.#parts.recorder, pod, 'Warning', 'FailedCreatePodSandBox', text);
      return new SyncError('CreatePodSandboxError', text, { cause });
    }
  }

  async #startAll(
    request: PodSyncRequest,
    actions: PodActions,
    sandbox: { readonly id: string; readonly config: PodSandboxConfig; readonly ips: readonly string[] },
    errors: SyncError[],
  ): Promise<void> {
    const start = async (container: Container): Promise<boolean> => {
      const error = await this.#start(request, container, sandbox);
      if (error) errors.push(error);
      request.onStep();
      return error === undefined;
    };
    for (const container of actions.ephemeralToStart) await start(container);
    for (const container of actions.initToStart) {
      // The next ones wait for it; a sidecar that is only restarted holds up nobody.
      if (!(await start(container)) && container.restartPolicy !== 'Always') return;
    }
    for (const container of actions.toStart) await start(container);
  }

  async #start(
    { pod, runtimePod, secrets, options }: PodSyncRequest,
    container: Container,
    sandbox: { readonly id: string; readonly config: PodSandboxConfig; readonly ips: readonly string[] },
  ): Promise<SyncError | undefined> {
    const { reasons, starter, runtime } = this.#parts;
    const uid = pod.metadata.uid ?? '';
    try {
      this.#throwInBackoff(pod, container, runtimePod);
      await removeDeadContainers(runtime, runtimePod, container.name, 1);
      await starter.start({
        pod,
        container,
        runtimePod,
        sandboxId: sandbox.id,
        sandbox: sandbox.config,
        podIps: sandbox.ips,
        secrets,
        options: () => options(container, sandbox.ips),
      });
      reasons.clear(uid, container.name);
      return undefined;
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      reasons.set(uid, container.name, { reason: error.reason, message: error.message });
      return error;
    }
  }

  /** A container that has ended before waits the longer the more often it did. */
  #throwInBackoff(pod: Pod, container: Container, runtimePod: RuntimePod): void {
    // One that was killed just now, for its probe, still counts as running: what came before it tells.
    const last = runtimePod.containers.find((c) => c.name === container.name && c.state === 'exited');
    if (last === undefined) return;
    const key = backoffKey(pod, container);
    const ended = last.finishedAt;
    const waitMs = this.#backoff.remainingSince(key, ended);
    if (waitMs === 0) {
      this.#backoff.next(key, ended);
      return;
    }
    const where = `${container.name} in pod ${formatPod(pod)}`;
    const text = `Back-off restarting failed container ${where}`;
    containerEvent(this.#parts.recorder, pod, container, 'Warning', 'BackOff', text);
    const delay = formatGoDuration(this.#backoff.get(key));
    const message = `back-off ${delay} restarting failed container=${container.name} pod=${formatPod(pod)}`;
    throw new SyncError('CrashLoopBackOff', message, { retryAfterMs: waitMs });
  }

  /** Forgets back-offs that have run out. */
  gc(): void {
    this.#backoff.gc();
  }
}

function backoffKey(pod: Pod, container: Container): string {
  return `${pod.metadata.uid}_${goQuote(container.name)}_${containerHash(container)}`;
}
