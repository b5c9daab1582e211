import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, HttpTransport, loadKubeconfig } from '@coxswain/client';
import { cox } from './server-process.ts';

const run = promisify(execFile);

/** A cluster of the benchmark's own, beside any other on the machine. */
export class LocalCluster {
  readonly dir = mkdtempSync(join(tmpdir(), 'coxswain-bench-cluster-'));
  #client: Client | undefined;

  /** @param shape such as `--nodes=1` */
  async up(...shape: readonly string[]): Promise<void> {
    const networks = ['--pod-cidr=10.226.0.0/16', '--service-cidr=10.227.0.0/16', '--port=7643'];
    await run(cox, ['up', `--dir=${this.dir}`, '--name=coxbench', ...networks, ...shape]);
    this.#client = new Client(
      new HttpTransport(loadKubeconfig(join(this.dir, 'server', 'admin.kubeconfig'))),
    );
  }

  get client(): Client {
    if (this.#client === undefined) throw new Error('the cluster is not up');
    return this.#client;
  }

  async down(): Promise<void> {
    await run(cox, ['down', `--dir=${this.dir}`]);
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Resident memory in MB of the processes whose command line holds all of the words and this cluster's folder. */
  memory(...words: readonly string[]): number {
    let kilobytes = 0;
    for (const pid of readdirSync('/proc')) {
      if (!/^\d+$/.test(pid) || !existsSync(`/proc/${pid}/cmdline`)) continue;
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (![this.dir, ...words].every((word) => command.includes(word))) continue;
      kilobytes += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    }
    return kilobytes / 1024;
  }
}
