import type { RuntimeService } from '@coxswain/cri';
import type { Clock } from '@coxswain/machinery';
import { httpProbe, httpTarget } from '../prober/http-probe.ts';
import type { Container, LifecycleHandler } from '../types.ts';

/** Runs postStart and preStop hooks. */
export interface Hooks {
  /** Resolves when the hook has done its work; rejects with what went wrong. */
  run(
    containerId: string,
    container: Container,
    handler: LifecycleHandler,
    podIp: string,
    signal: AbortSignal,
  ): Promise<void>;
}

/** For containers in which nothing can be executed: hooks only take their time. */
export function simulatedHooks(clock: Clock): Hooks {
  return {
    run: async (_id, _container, { sleep }, _podIp, signal) => {
      if (sleep) await clock.sleep(Number(sleep.seconds) * 1000, signal);
    },
  };
}

/** The hooks of real containers. */
export class HookRunner implements Hooks {
  readonly #runtime: RuntimeService;
  readonly #clock: Clock;

  constructor(runtime: RuntimeService, clock: Clock) {
    this.#runtime = runtime;
    this.#clock = clock;
  }

  async run(
    containerId: string,
    container: Container,
    handler: LifecycleHandler,
    podIp: string,
    signal: AbortSignal,
  ): Promise<void> {
    if (handler.exec) {
      const command = handler.exec.command ?? [];
      const result = await this.#runtime.execSync(containerId, command, 0);
      if (result.exitCode !== 0) {
        const output = Buffer.concat([result.stdout, result.stderr]).toString('utf8');
        throw new Error(
          `Exec lifecycle hook (${JSON.stringify(command)}) for Container "${container.name}" failed - error: command '${command.join(' ')}' exited with ${result.exitCode}: ${output}, message: "${output}"`,
        );
      }
    } else if (handler.httpGet) {
      const target = httpTarget(handler.httpGet, container, podIp);
      const answer = await httpProbe(target, 30_000, this.#clock, signal);
      if (answer.error !== undefined) {
        throw new Error(
          `HTTP lifecycle hook (${handler.httpGet.path ?? ''}) for Container "${container.name}" failed - error: ${answer.error}`,
        );
      }
    } else if (handler.sleep) {
      await this.#clock.sleep(Number(handler.sleep.seconds) * 1000, signal);
    }
  }
}
