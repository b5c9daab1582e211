import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@coxswain/machinery/testing';
import { type Output, runProgram } from '../../support/run-program.ts';

const cox = fileURLToPath(new URL('../../../cox', import.meta.url));

/** A cluster of simulated nodes in a folder of its own, for clients that are not ours. */
export class SimulatedCluster {
  readonly dir = mkdtempSync(join(tmpdir(), 'coxswain-clients-'));

  /** Takes it up; resolves when every node is ready. */
  async start(nodes = 1): Promise<void> {
    const port = await freePort();
    const { code, stderr } = await this.run(cox, [
      'up',
      '--nodes=0',
      `--simulate=${nodes}`,
      `--port=${port}`,
    ]);
    if (code !== 0) throw new Error(`cox up: ${stderr}`);
  }

  async stop(): Promise<void> {
    await this.run(cox, ['down']);
    rmSync(this.dir, { recursive: true, force: true });
  }

  get kubeconfig(): string {
    return join(this.dir, 'server', 'admin.kubeconfig');
  }

  /** The environment in which programs find the cluster. */
  get env(): NodeJS.ProcessEnv {
    return { ...process.env, COXSWAIN_DIR: this.dir, KUBECONFIG: this.kubeconfig, HOME: this.dir };
  }

  /** kubectl, whatever becomes of it. */
  kubectl(args: readonly string[], input = ''): Promise<Output> {
    return this.run('kubectl', args, input);
  }

  /** kubectl, which must succeed: what it wrote. */
  async ok(args: readonly string[], input = ''): Promise<string> {
    const { code, stdout, stderr } = await this.kubectl(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  run(program: string, args: readonly string[], input = ''): Promise<Output> {
    return runProgram(program, args, { env: this.env, input });
  }
}
