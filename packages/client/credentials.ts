import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Clock } from '@coxswain/machinery';

/** An exec credential plugin, as a kubeconfig's `users[].user.exec` names it. */
export interface ExecPlugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
}

/** Where a client's credentials come from; at most one kind is used, in this order. */
export interface CredentialOptions {
  readonly token?: string;
  /** Read again when the file changes. */
  readonly tokenFile?: string;
  readonly exec?: ExecPlugin;
  readonly username?: string;
  readonly password?: string;
  /** PEM; takes effect for new connections. */
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
}

/** What a request is sent with. */
export interface Credentials {
  readonly authorization?: string;
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
}

/** How often a token file is looked at (client-go reads it again after a minute). */
const tokenFileAgeMs = 60_000;

/** Gives the credentials of the moment. */
export class CredentialSource {
  readonly #options: CredentialOptions;
  readonly #clock: Clock;
  #file: { readonly token: string; readonly readAt: number } | undefined;
  #exec: Promise<{ readonly credentials: Credentials; readonly expires: number }> | undefined;

  constructor(options: CredentialOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** The credentials, or a promise of them where a file or a plugin must be asked. */
  current(): Credentials | Promise<Credentials> {
    const { token, tokenFile, exec, username, password, cert, key } = this.#options;
    const own = { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
    if (tokenFile !== undefined) return this.#fromFile(tokenFile, own);
    if (token !== undefined && token !== '') return { ...own, authorization: `Bearer ${token}` };
    if (exec !== undefined) return this.#fromPlugin(exec);
    if (username !== undefined) {
      const basic = Buffer.from(`${username}:${password ?? ''}`).toString('base64');
      return { ...own, authorization: `Basic ${basic}` };
    }
    return own;
  }

  /** Forgets what was cached, after a 401. True when asking again may give something else. */
  refresh(): boolean {
    const stale = this.#file !== undefined || this.#exec !== undefined;
    this.#file = undefined;
    this.#exec = undefined;
    return stale;
  }

  async #fromFile(path: string, own: Credentials): Promise<Credentials> {
    const now = this.#clock.monotonic();
    if (this.#file === undefined || now - this.#file.readAt > tokenFileAgeMs) {
      const token = (await readFile(path, 'utf8')).trim();
      if (token === '') throw new Error(`read the token file ${JSON.stringify(path)}: it is empty`);
      this.#file = { token, readAt: now };
    }
    return { ...own, authorization: `Bearer ${this.#file.token}` };
  }

  async #fromPlugin(exec: ExecPlugin): Promise<Credentials> {
    const held = this.#exec;
    if (held !== undefined && (await held).expires > this.#clock.now()) return (await held).credentials;
    const asked = runPlugin(exec);
    this.#exec = asked;
    asked.catch(() => {
      if (this.#exec === asked) this.#exec = undefined;
    });
    return (await asked).credentials;
  }
}

/** Runs the plugin and reads its ExecCredential (client.authentication.k8s.io). */
async function runPlugin(exec: ExecPlugin): Promise<{ credentials: Credentials; expires: number }> {
  const info = { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  const env: NodeJS.ProcessEnv = { ...process.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  for (const { name, value } of exec.env ?? []) env[name] = value;
  const output = await new Promise<string>((resolve, reject) => {
    execFile(exec.command, [...(exec.args ?? [])], { env, encoding: 'utf8' }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`getting credentials: exec: ${error.message}`, { cause: error }));
    });
  });
  const status = JSON.parse(output)?.status ?? {};
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = status;
  if (token === undefined && cert === undefined) {
    throw new Error(
      `getting credentials: exec plugin ${JSON.stringify(exec.command)} didn't return a token or cert/key pair`,
    );
  }
  return {
    credentials: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
    expires: expirationTimestamp === undefined ? Number.POSITIVE_INFINITY : Date.parse(expirationTimestamp),
  };
}
