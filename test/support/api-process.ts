import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, HttpTransport } from '@coxswain/client';

const cox = fileURLToPath(new URL('../../cox', import.meta.url));
const token = 'an-administrator-of-tests';

export interface ApiProcessOptions {
  /** `server` has controllers, scheduler and add-ons in the process of the API server. */
  readonly command: 'apiserver' | 'server';
  /** New or used; its tokens are kept beside it. */
  readonly dir: string;
  readonly flags?: readonly string[];
  /** By their tokens, users beside the administrator: what follows the token in a line of `--token-auth-file`. */
  readonly users?: ReadonlyMap<string, string>;
  /** Its log goes to standard error as well. */
  readonly showsLog?: boolean;
}

/** An API server, or the whole control plane around it, in a process of its own, on a free port. */
export class ApiProcess {
  readonly client: Client;
  readonly url: string;
  readonly caFile: string;
  /** PEM of the authority of its certificate. */
  readonly ca: string;
  /** The administrator's. */
  readonly token = token;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string, dir: string) {
    this.#child = child;
    this.url = url;
    this.caFile = join(dir, 'pki', 'ca.crt');
    this.ca = readFileSync(this.caFile, 'utf8');
    this.client = new Client(new HttpTransport({ server: url, ca: this.ca, token, userAgent: 'test' }));
  }

  /** Starts it; resolves when it serves. */
  static async start(options: ApiProcessOptions): Promise<ApiProcess> {
    const { command, dir, flags = [], users = new Map(), showsLog = false } = options;
    mkdirSync(dir, { recursive: true });
    const tokens = `${dir}.tokens`;
    if (!existsSync(tokens)) {
      const lines = [[token, 'admin,admin,"system:masters"'], ...users].map((line) => `${line.join(',')}\n`);
      writeFileSync(tokens, lines.join(''), { mode: 0o600 });
    }
    const child = spawn(
      cox,
      [command, `--data-dir=${dir}`, '--secure-port=0', `--token-auth-file=${tokens}`, ...flags],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    if (showsLog) child.stderr.pipe(process.stderr);
    return new ApiProcess(child, await servingUrl(child), dir);
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

/** Reads the log, which must not be less than usual, until it tells where the server listens. */
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
