import type { EventRecorder } from '@coxswain/controller';
import { isRuntimeNotFound, type RuntimeService } from '@coxswain/cri';
import type { Clock, Logger } from '@coxswain/machinery';
import type { Hooks } from '../lifecycle/hook-runner.ts';
import type { Container, Pod } from '../types.ts';
import { containerEvent } from './events.ts';
import type { KillReason } from './pod-actions.ts';

/** Seconds that a container gets at the least, so that one with a spent grace period still hears of its end. */
const minimumGracePeriod = 2;

export interface KillRequest {
  readonly pod: Pod;
  readonly containerId: string;
  readonly name: string;
  /** For the event; '' for the usual one. */
  readonly message: string;
  readonly reason: KillReason;
  readonly podIp: string;
  /** Seconds; absent: the pod's own. */
  readonly gracePeriodOverride?: number;
}

/** Stops containers: hook, then the runtime's signal, then its kill. */
export class ContainerKiller {
  readonly #runtime: RuntimeService;
  readonly #recorder: EventRecorder;
  readonly #hooks: Hooks;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(parts: {
    readonly runtime: RuntimeService;
    readonly recorder: EventRecorder;
    readonly hooks: Hooks;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#runtime = parts.runtime;
    this.#recorder = parts.recorder;
    this.#hooks = parts.hooks;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** Resolves when the container has stopped. */
  async kill(request: KillRequest): Promise<void> {
    const { pod, name, containerId } = request;
    const container = findSpec(pod, name);
    let grace = request.gracePeriodOverride ?? gracePeriodOf(pod, container, request.reason);
    const message = request.message === '' ? `Stopping container ${name}` : request.message;
    containerEvent(this.#recorder, pod, { name }, 'Normal', 'Killing', message);

    const hook = container?.lifecycle?.preStop;
    if (container && hook && grace > 0) grace -= await this.#preStop(request, container, grace);
    grace = Math.max(grace, minimumGracePeriod);
    if (request.gracePeriodOverride !== undefined) grace = request.gracePeriodOverride;
    try {
      await this.#runtime.stopContainer(containerId, grace);
    } catch (error) {
      if (!isRuntimeNotFound(error)) throw error;
    }
  }

  /** Seconds that the hook took; it may take all of the grace period. */
  async #preStop(
    { pod, containerId, podIp }: KillRequest,
    container: Container,
    grace: number,
  ): Promise<number> {
    const hook = container.lifecycle?.preStop;
    if (!hook) return 0;
    const started = this.#clock.monotonic();
    const limit = new AbortController();
    const running = this.#hooks.run(containerId, container, hook, podIp, limit.signal).then(
      () => 'done' as const,
      (error: Error) => error,
    );
    const outOfTime = this.#clock.sleep(grace * 1000, limit.signal).then(
      () => 'late' as const,
      () => 'late' as const,
    );
    const outcome = await Promise.race([running, outOfTime]);
    limit.abort();
    if (outcome instanceof Error) {
      this.#logger.debug('a preStop hook failed', { pod: pod.metadata.name, error: outcome.message });
      containerEvent(this.#recorder, pod, container, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
    }
    return Math.floor((this.#clock.monotonic() - started) / 1000);
  }
}

function findSpec(pod: Pod, name: string): Container | undefined {
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec;
  return [...containers, ...initContainers, ...(ephemeralContainers as unknown as Container[])].find(
    (c) => c.name === name,
  );
}

/** Seconds; a probe that failed may have a period of its own. */
function gracePeriodOf(pod: Pod, container: Container | undefined, reason: KillReason): number {
  const { deletionGracePeriodSeconds } = pod.metadata;
  if (deletionGracePeriodSeconds !== undefined) return Number(deletionGracePeriodSeconds);
  const probe =
    reason === 'LivenessProbe'
      ? container?.livenessProbe
      : reason === 'StartupProbe'
        ? container?.startupProbe
        : undefined;
  return Number(probe?.terminationGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30);
}
