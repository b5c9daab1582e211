import type { RuntimeService } from '@coxswain/cri';
import type { Clock } from '@coxswain/machinery';

/** Between looks at the runtime; a runtime that is not ready is looked at more often. */
const readyIntervalMs = 5_000;
const unreadyIntervalMs = 500;
/** A runtime that is silent for no longer is being restarted, not down: upstream's threshold. */
const silenceMs = 30_000;

/** Whether the container runtime and its network are there. */
export class RuntimeHealth {
  readonly #runtime: RuntimeService;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #runtimeProblem: string | undefined = 'container runtime status check may not have completed yet';
  #networkProblem: string | undefined = 'container runtime status check may not have completed yet';
  #lastAnswer: number | undefined;

  constructor(runtime: RuntimeService, clock: Clock, onChange: () => void) {
    this.#runtime = runtime;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Absent when the network is there. */
  get networkProblem(): string | undefined {
    return this.#networkProblem;
  }

  /** In the words of the node's Ready condition. */
  get problems(): readonly string[] {
    return [this.#runtimeProblem, this.#networkProblem].filter((p) => p !== undefined);
  }

  async check(): Promise<void> {
    const before = this.problems.join();
    try {
      const conditions = await this.#runtime.status();
      this.#lastAnswer = this.#clock.monotonic();
      const problem = (type: string, what: string): string | undefined => {
        const condition = conditions.find((c) => c.type === type);
        if (condition?.status) return undefined;
        return `${what}:${type}=false reason:${condition?.reason ?? ''} message:${condition?.message ?? ''}`;
      };
      this.#runtimeProblem = problem('RuntimeReady', 'container runtime not ready');
      this.#networkProblem = problem('NetworkReady', 'container runtime network not ready');
    } catch (error) {
      const silent = this.#lastAnswer === undefined || this.#clock.monotonic() - this.#lastAnswer > silenceMs;
      if (silent) this.#runtimeProblem = `container runtime is down: ${(error as Error).message}`;
    }
    if (this.problems.join() !== before) this.#onChange();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = this.problems.length > 0 ? unreadyIntervalMs : readyIntervalMs;
      await this.#clock.sleep(wait, signal).catch(() => {});
      if (!signal.aborted) await this.check();
    }
  }
}
