import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoopReport } from './loop-probe.ts';
import type { Target } from './raw-client.ts';

/** `COX` names another command than this checkout's, such as a bundle that is to be compared with it. */
export const cox = process.env['COX'] ?? fileURLToPath(new URL('../../cox', import.meta.url));

/** A server in a process of its own, on a free port of loopback and with a data dir of its own. */
export class ServerProcess {
  readonly dataDir: string;
  readonly port: number;
  readonly #probed: boolean;
  #child: ChildProcess | undefined;

  /** @param probed its event loop is measured: see `loopReport` */
  constructor(
    port: number,
    dataDir: string = mkdtempSync(join(tmpdir(), 'coxswain-bench-')),
    probed = false,
  ) {
    this.port = port;
    this.dataDir = dataDir;
    this.#probed = probed;
  }

  /** Starts it; gives the milliseconds from process start to `/readyz` answering. */
  async start(command: 'apiserver' | 'server', ...flags: readonly string[]): Promise<number> {
    const began = performance.now();
    this.#child = spawn(
      cox,
      [command, `--data-dir=${this.dataDir}`, `--secure-port=${this.port}`, '--v=1', ...flags],
      { stdio: ['ignore', 'ignore', 'inherit'], env: this.#environment() },
    );
    // A benchmark that fails leaves no server behind.
    const child = this.#child;
    const kill = (): void => void child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
      while (!(await condition())) {
        if (this.#child?.exitCode !== null) throw new Error(`the server ended with ${this.#child?.exitCode}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    await until(() => this.#isReady());
    const took = performance.now() - began;
    // The administrator's certificate may come after the first answer.
    await until(() => existsSync(join(this.dataDir, 'admin.kubeconfig')));
    return took;
  }

  /** Credentials of the administrator. */
  target(): Target {
    const pki = join(this.dataDir, 'pki');
    const read = (name: string): string => readFileSync(join(pki, name), 'utf8');
    return {
      host: '127.0.0.1',
      port: this.port,
      ca: read('ca.crt'),
      cert: read('admin.crt'),
      key: read('admin.key'),
    };
  }

  /** CPU seconds used so far, of all threads. */
  cpuSeconds(): number {
    const [, rest = ''] = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ');
    const fields = rest.split(' ');
    // Clock ticks of 10 ms: user and system time.
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  /** Resident memory in MB. */
  rssMegabytes(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1]) / 1024;
  }

  /** For how long the event loop was held at a time since the last report. Of a probed server. */
  async loopReport(): Promise<LoopReport> {
    rmSync(this.#reportFile, { force: true });
    this.#child?.kill('SIGUSR2');
    while (!existsSync(this.#reportFile)) await new Promise((resolve) => setTimeout(resolve, 5));
    return JSON.parse(readFileSync(this.#reportFile, 'utf8'));
  }

  get #reportFile(): string {
    return join(this.dataDir, 'loop-report.json');
  }

  #environment(): NodeJS.ProcessEnv {
    if (!this.#probed) return process.env;
    const probe = new URL('./loop-probe.ts', import.meta.url);
    const options = `${process.env['NODE_OPTIONS'] ?? ''} --import=${probe.href}`;
    return { ...process.env, NODE_OPTIONS: options, COXSWAIN_LOOP_PROBE: this.#reportFile };
  }

  get pid(): number {
    return this.#child?.pid as number;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  remove(): void {
    if (existsSync(this.dataDir)) rmSync(this.dataDir, { recursive: true });
  }

  #isReady(): Promise<boolean> {
    return new Promise((resolve) => {
      const sent = request(
        { host: '127.0.0.1', port: this.port, path: '/readyz', rejectUnauthorized: false, agent: false },
        (response) => {
          response.resume();
          resolve(response.statusCode === 200);
        },
      );
      sent.on('error', () => resolve(false));
      sent.end();
    });
  }
}
