import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, HttpTransport } from '@coxswain/client';

const cox = fileURLToPath(new URL('../../cox', import.meta.url));
const token = 'an-administrator-of-tests';

/** An API server, or the whole control plane around it, in a process of its own, on a free port. */
export class ApiProcess {
  readonly client: Client;
  readonly url: string;
  /** PEM of the authority of its certificate. */
  readonly ca: string;
  /** The administrator's. */
  readonly token = token;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string, ca: string) {
    this.#child = child;
    this.url = url;
    this.ca = ca;
    this.client = new Client(new HttpTransport({ server: url, ca, token, userAgent: 'test' }));
  }

  /** Starts it on a data dir, new or used; resolves when it serves. */
  static start(dir: string, ...flags: string[]): Promise<ApiProcess> {
    return ApiProcess.#run('apiserver', dir, flags);
  }

  /** Starts `cox server`: controllers, scheduler and add-ons in the process of the API server. */
  static startServer(dir: string, ...flags: string[]): Promise<ApiProcess> {
    return ApiProcess.#run('server', dir, flags);
  }

  static async #run(
    command: 'apiserver' | 'server',
    dir: string,
    flags: readonly string[],
  ): Promise<ApiProcess> {
    mkdirSync(dir, { recursive: true });
    const tokens = `${dir}.tokens`;
    if (!existsSync(tokens))
      writeFileSync(tokens, `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
    const child = spawn(
      cox,
      [command, `--data-dir=${dir}`, '--secure-port=0', `--token-auth-file=${tokens}`, ...flags],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const url = await servingUrl(child);
    return new ApiProcess(child, url, readFileSync(join(dir, 'pki', 'ca.crt'), 'utf8'));
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    await this.stop('SIGKILL');
  }

  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exited;
  }
}

/** Reads the log until it tells where the server listens. */
function servingUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (data) => {
      if (said.length > 1 << 20) return;
      said += data;
      const url = /"url":"(https:[^"]+)"/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
}
