import { connect } from 'node:net';
import { RuntimeError, type RuntimeService } from '@coxswain/cri';
import { type Clock, goQuote } from '@coxswain/machinery';
import { expand } from '../kuberuntime/expansion.ts';
import type { Container, Probe } from '../types.ts';
import { grpcProbe } from './grpc-probe.ts';
import { describeDial, hostInUrl, httpProbe, httpTarget, portNumber } from './http-probe.ts';

/** What one run of a probe gave; `unknown` when the probe itself could not be run. */
export interface ProbeOutcome {
  readonly result: 'success' | 'failure' | 'unknown';
  readonly output: string;
}

/** Bytes of a command's output that an event shows. */
const maxOutput = 10 << 10;

/** Runs single probes. */
export class Prober {
  readonly #runtime: RuntimeService;
  readonly #clock: Clock;
  readonly #simulated: boolean;

  /** @param simulated no container listens on a network: the runtime answers for every kind of probe */
  constructor(runtime: RuntimeService, clock: Clock, simulated = false) {
    this.#runtime = runtime;
    this.#clock = clock;
    this.#simulated = simulated;
  }

  async run(
    probe: Probe,
    container: Container,
    containerId: string,
    podIp: string,
    signal: AbortSignal,
  ): Promise<ProbeOutcome> {
    const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
    try {
      if (this.#simulated) return await this.#exec([], container, containerId, timeoutMs);
      if (probe.exec) return await this.#exec(probe.exec.command ?? [], container, containerId, timeoutMs);
      if (probe.httpGet) {
        const target = httpTarget(probe.httpGet, container, podIp);
        const answer = await httpProbe(target, timeoutMs, this.#clock, signal);
        if (answer.error !== undefined) return failure(answer.error);
        const status = answer.status ?? 0;
        if (status >= 200 && status < 400) return { result: 'success', output: answer.body ?? '' };
        return failure(`HTTP probe failed with statuscode: ${status}`);
      }
      if (probe.tcpSocket) {
        const host = probe.tcpSocket.host || podIp;
        const port = portNumber(probe.tcpSocket.port, container);
        return await tcpProbe(host, port, timeoutMs, this.#clock, signal);
      }
      if (probe.grpc) {
        const address = `${hostInUrl(podIp)}:${probe.grpc.port}`;
        return await grpcProbe(address, probe.grpc.service ?? '', timeoutMs, this.#clock);
      }
      return { result: 'unknown', output: `missing probe handler for ${container.name}` };
    } catch (error) {
      return { result: 'unknown', output: (error as Error).message };
    }
  }

  async #exec(
    command: readonly string[],
    container: Container,
    containerId: string,
    timeoutMs: number,
  ): Promise<ProbeOutcome> {
    const env = new Map((container.env ?? []).map((e) => [e.name, e.value ?? '']));
    const filled = command.map((part) => expand(part, env));
    try {
      const result = await this.#runtime.execSync(containerId, filled, Math.ceil(timeoutMs / 1000));
      const output = Buffer.concat([result.stdout, result.stderr]).subarray(0, maxOutput).toString('utf8');
      return { result: result.exitCode === 0 ? 'success' : 'failure', output };
    } catch (error) {
      if (error instanceof RuntimeError && error.code === 'DeadlineExceeded') {
        return failure(
          `command timed out: ${goQuote(filled.join(' '))} timed out after ${timeoutMs / 1000}s`,
        );
      }
      throw error;
    }
  }
}

function failure(output: string): ProbeOutcome {
  return { result: 'failure', output };
}

/** Succeeds when a connection can be made. */
function tcpProbe(
  host: string,
  port: number,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const address = `${hostInUrl(host)}:${port}`;
    const socket = connect({ host, port });
    const finish = (outcome: ProbeOutcome): void => {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(outcome);
    };
    const onAbort = (): void => finish({ result: 'unknown', output: 'the probe was cancelled' });
    const timer = clock.after(timeoutMs, () => finish(failure(`dial tcp ${address}: i/o timeout`)));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => finish({ result: 'success', output: '' }));
    socket.once('error', (error) => finish(failure(describeDial(error, address))));
  });
}
