import type { Clock, Timer } from '@coxswain/machinery';
import { restartPolicyOf } from '../kuberuntime/restart-policy.ts';
import type { RuntimeContainer } from '../pleg/runtime-pod.ts';
import type { Container, Pod, Probe } from '../types.ts';
import type { ProbeOutcome } from './prober.ts';
import type { ProbeResult, ProbeResults } from './results.ts';

export type ProbeKind = 'Startup' | 'Liveness' | 'Readiness';

/** What holds before the first answer. */
const initial: Readonly<Record<ProbeKind, ProbeResult>> = {
  Startup: 'unknown',
  Liveness: 'success',
  Readiness: 'failure',
};

export interface ProbeWorkerParts {
  readonly kind: ProbeKind;
  readonly probe: Probe;
  readonly container: Container;
  readonly results: ProbeResults;
  readonly clock: Clock;
  /** The pod as it is now; absent when it is gone. */
  readonly pod: () => Pod | undefined;
  /** The container as it is now; absent before its first start. */
  readonly current: () => RuntimeContainer | undefined;
  /** Whether the container's startup probe has succeeded, or it has none. */
  readonly started: (containerId: string) => boolean;
  readonly run: (containerId: string, signal: AbortSignal) => Promise<ProbeOutcome>;
  /** Called for each answer that is not a success. */
  readonly onUnhealthy: (outcome: ProbeOutcome) => void;
}

/** Probes one container for one purpose, from its pod's start to its end, over all its restarts. */
export class ProbeWorker {
  readonly #parts: ProbeWorkerParts;
  readonly #abort = new AbortController();
  #timer: Timer | undefined;
  #containerId = '';
  #lastResult: ProbeOutcome['result'] | undefined;
  #run = 0;
  /** After a failure that kills the container: until there is a new one. */
  #onHold = false;
  #probing = false;
  /** The startup probe must succeed before this one begins. */
  #awaitsStartup = false;

  constructor(parts: ProbeWorkerParts) {
    this.#parts = parts;
  }

  get kind(): ProbeKind {
    return this.#parts.kind;
  }

  stop(): void {
    this.#abort.abort();
    this.#timer?.cancel();
    this.#parts.results.remove(this.#containerId);
  }

  /** Something about the container has changed: look now if a new one is there to be probed. */
  wake(): void {
    if (this.#abort.signal.aborted || this.#probing) return;
    const current = this.#parts.current();
    const idle = this.#timer === undefined;
    const isNew = current !== undefined && current.id !== this.#containerId;
    const released = this.#awaitsStartup && current !== undefined && this.#parts.started(current.id);
    if (idle || isNew || released) this.#schedule(this.#firstDelay());
  }

  /** Ms until the first probe of the container that runs now may be made. */
  #firstDelay(): number {
    const { probe, clock, current } = this.#parts;
    const container = current();
    if (container?.state !== 'running') return 0;
    const due = container.startedAt + (probe.initialDelaySeconds ?? 0) * 1000;
    return Math.max(0, due - clock.now());
  }

  #schedule(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#parts.clock.after(ms, () => void this.#tick());
  }

  async #tick(): Promise<void> {
    this.#probing = true;
    try {
      const goOn = await this.#probe();
      if (!goOn || this.#abort.signal.aborted) {
        this.#timer = undefined;
        return;
      }
    } finally {
      this.#probing = false;
    }
    this.#schedule((this.#parts.probe.periodSeconds ?? 10) * 1000);
  }

  /** False when nothing is left to be probed until `wake` finds a new container. */
  async #probe(): Promise<boolean> {
    const { kind, probe, results, pod: podNow, current, clock, started, onUnhealthy } = this.#parts;
    const pod = podNow();
    const container = current();
    if (!pod || pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded') return false;
    if (!container) return false;
    const uid = pod.metadata.uid ?? '';
    if (this.#containerId !== container.id) {
      results.remove(this.#containerId);
      this.#containerId = container.id;
      this.#onHold = false;
      this.#run = 0;
      this.#lastResult = undefined;
      results.set(container.id, initial[kind], uid);
    }
    if (this.#onHold) return true;
    if (container.state !== 'running') {
      // Whether one that does not run is alive is for the runtime to say.
      if (kind === 'Readiness') results.set(container.id, 'failure', uid);
      return (
        container.state !== 'exited' || restartPolicyOf(pod, this.#parts.container, container) !== 'Never'
      );
    }
    if (pod.metadata.deletionTimestamp && kind !== 'Readiness') {
      // A pod on its way out is not restarted for being ill.
      results.set(container.id, 'success', uid);
      return false;
    }
    const age = clock.now() - container.startedAt;
    if (age < (probe.initialDelaySeconds ?? 0) * 1000) return true;
    const isStarted = started(container.id);
    if (kind === 'Startup' && isStarted) return false;
    this.#awaitsStartup = kind !== 'Startup' && !isStarted;
    if (this.#awaitsStartup) return true;

    const outcome = await this.#parts.run(container.id, this.#abort.signal);
    if (this.#abort.signal.aborted) return false;
    if (outcome.result !== 'success') onUnhealthy(outcome);
    if (outcome.result === 'unknown') return true;
    this.#run = outcome.result === this.#lastResult ? this.#run + 1 : 1;
    this.#lastResult = outcome.result;
    const threshold =
      outcome.result === 'failure' ? (probe.failureThreshold ?? 3) : (probe.successThreshold ?? 1);
    if (this.#run < threshold) return true;
    results.set(container.id, outcome.result, uid);
    if (kind !== 'Readiness' && outcome.result === 'failure') {
      this.#onHold = true;
      this.#run = 0;
    }
    return true;
  }
}
