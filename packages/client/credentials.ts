import { readFile } from 'node:fs/promises';
import type { Clock } from '@coxswain/machinery';
import { type ExecCluster, type ExecCredentials, type ExecPlugin, runExecPlugin } from './exec-plugin.ts';

/** Where a client's credentials come from; at most one kind is used, in this order. */
export interface CredentialOptions {
  readonly token?: string;
  /** Read again when the file changes. */
  readonly tokenFile?: string;
  readonly exec?: ExecPlugin;
  /** What `exec` may be told of the cluster. */
  readonly execCluster?: ExecCluster;
  readonly username?: string;
  readonly password?: string;
  /** PEM. */
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  /** Where `cert` and `key` are from: looked at again and again, so that renewed ones are used. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** What a request is sent with. */
export interface Credentials {
  readonly authorization?: string;
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
}

/** How often a token file is looked at (client-go reads it again after a minute). */
const tokenFileAgeMs = 60_000;

/** How often the files of a client certificate are looked at (client-go: every five minutes). */
const certFileAgeMs = 5 * 60_000;

interface KeyPair {
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
}

/** Gives the credentials of the moment. */
export class CredentialSource {
  readonly #options: CredentialOptions;
  readonly #clock: Clock;
  #file: { readonly token: string; readonly readAt: number } | undefined;
  #exec: Promise<ExecCredentials> | undefined;
  #pair: KeyPair;
  #pairReadAt: number;

  constructor(options: CredentialOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    const { cert, key } = options;
    this.#pair = { ...(cert === undefined ? {} : { cert }), ...(key === undefined ? {} : { key }) };
    this.#pairReadAt = clock.monotonic();
  }

  /** The credentials, or a promise of them where a file or a plugin must be asked. */
  current(): Credentials | Promise<Credentials> {
    const { token, tokenFile, exec, username, password, certFile } = this.#options;
    if (certFile !== undefined && this.#clock.monotonic() - this.#pairReadAt > certFileAgeMs) {
      return this.#readPair().then(() => this.current());
    }
    const own = this.#pair;
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

  /** Takes the pair that the files hold now. One that cannot be read, or does not change, leaves the old in use. */
  async #readPair(): Promise<void> {
    const { certFile = '', keyFile = certFile } = this.#options;
    this.#pairReadAt = this.#clock.monotonic();
    try {
      const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
      const same = (a: string | Uint8Array | undefined, b: Buffer): boolean =>
        a !== undefined && b.equals(Buffer.from(a));
      if (!same(this.#pair.cert, cert) || !same(this.#pair.key, key)) this.#pair = { cert, key };
    } catch {
      // Half written, or gone for the moment: the next look may find it.
    }
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
    const asked = runExecPlugin(exec, this.#options.execCluster);
    this.#exec = asked;
    asked.catch(() => {
      if (this.#exec === asked) this.#exec = undefined;
    });
    return (await asked).credentials;
  }
}
