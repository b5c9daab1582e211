import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@coxswain/machinery/testing';

/** Why tests with a real etcd are skipped here; undefined where they run. */
export const etcdMissing: string | undefined =
  spawnSync('etcd', ['--version']).status === 0 ? undefined : 'there is no etcd on the PATH';

/** PEM files of a certificate for both sides. */
export interface EtcdTlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A real etcd on free ports of the loopback, in a folder of its own. */
export class TestingEtcd {
  readonly #dir = mkdtempSync(join(tmpdir(), 'coxswain-etcd-'));
  readonly #ports: readonly [number, number];
  readonly #tls: EtcdTlsFiles | undefined;
  #process: ChildProcess | undefined;

  private constructor(ports: readonly [number, number], tls: EtcdTlsFiles | undefined) {
    this.#ports = ports;
    this.#tls = tls;
  }

  static async start(tls?: EtcdTlsFiles): Promise<TestingEtcd> {
    const etcd = new TestingEtcd([await freePort(), await freePort()], tls);
    await etcd.restart();
    return etcd;
  }

  get url(): string {
    return `${this.#tls === undefined ? 'http' : 'https'}://127.0.0.1:${this.#ports[0]}`;
  }

  /** Starts it on the data it has; resolves when it serves. */
  async restart(): Promise<void> {
    const peer = `http://127.0.0.1:${this.#ports[1]}`;
    const child = spawn(
      'etcd',
      [
        ['data-dir', this.#dir],
        ['listen-client-urls', this.url],
        ['advertise-client-urls', this.url],
        ['listen-peer-urls', peer],
        ['initial-advertise-peer-urls', peer],
        ['initial-cluster', `default=${peer}`],
        // An election that does not wait: with the default timing each start takes a second.
        ['heartbeat-interval', '10'],
        ['election-timeout', '100'],
        ['logger', 'zap'],
        ...(this.#tls === undefined
          ? []
          : [
              ['cert-file', this.#tls.cert],
              ['key-file', this.#tls.key],
              ['trusted-ca-file', this.#tls.ca],
              ['client-cert-auth', 'true'],
            ]),
      ].map(([name, value]) => `--${name}=${value}`),
      { stdio: ['ignore', 'ignore', 'pipe'], detached: false },
    );
    this.#process = child;
    let log = '';
    let serving = false;
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        if (serving) return;
        log += chunk.toString();
        if (!log.includes('"serving client traffic')) return;
        serving = true;
        resolve();
      });
      child.once('error', reject);
      child.once('exit', () => reject(new Error(`start etcd: it ended\n${log}`)));
    });
  }

  /** Ends it as a crash does, or stops it and lets it go on later. */
  async signal(signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    if (signal === 'SIGKILL' || signal === 'SIGTERM') await once(child, 'exit');
  }

  async stop(): Promise<void> {
    await this.signal('SIGKILL');
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
