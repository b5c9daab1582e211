import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Output, runProgram } from '../../support/run-program.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const cox = join(root, 'cox');

/** Why real containers cannot be tested here; undefined where they can. */
export const whyNotReal =
  process.platform !== 'linux'
    ? 'real nodes need Linux'
    : process.getuid?.() !== 0
      ? 'real nodes need root'
      : undefined;

/** How long anything may take before the test gives up: generous, for a machine that does other things too. */
const patienceMs = 120_000;

/** A cluster of the tests' own, beside any other on the machine. */
export class TestCluster {
  readonly dir: string;
  readonly name: string;
  readonly #env: NodeJS.ProcessEnv;
  #up: readonly string[] = [];

  /** `dir` may name the folder of a cluster that runs already. */
  constructor(name: string, dir = `/var/lib/coxswain-${name}`) {
    this.name = name;
    this.dir = dir;
    this.#env = {
      ...process.env,
      COXSWAIN_DIR: this.dir,
      KUBECONFIG: join(this.dir, 'server', 'admin.kubeconfig'),
    };
  }

  /** Takes the cluster up anew, with so many real nodes. */
  async up(nodes: number, ...serverArgs: readonly string[]): Promise<void> {
    await this.down();
    // Ranges of its own by its name, so that it does not meet other tests or a cluster that somebody works with.
    const number = [...this.name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 30, 0);
    this.#up = [
      'up',
      `--nodes=${nodes}`,
      `--name=${this.name}`,
      `--pod-cidr=10.${130 + 2 * number}.0.0/16`,
      `--service-cidr=10.${131 + 2 * number}.0.0/16`,
      `--port=${6500 + number}`,
      ...serverArgs.map((arg) => `--server-arg=${arg}`),
    ];
    await this.mend();
  }

  /** Starts again what of the cluster has stopped. */
  async mend(): Promise<void> {
    const { code, stderr } = await this.cox(...this.#up);
    assert.equal(code, 0, `cox up failed: ${stderr}`);
  }

  async down(): Promise<void> {
    const { code, stderr } = await this.cox('down');
    assert.equal(code, 0, `cox down failed: ${stderr}`);
  }

  cox(...args: readonly string[]): Promise<Output> {
    return runProgram(cox, args, { env: this.#env, timeout: 0 });
  }

  /** Runs the unmodified kubectl; fails the test when it fails. */
  async kubectl(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.tryKubectl(...args);
    assert.equal(code, 0, `kubectl ${args.join(' ')} failed: ${stderr}`);
    return stdout;
  }

  tryKubectl(...args: readonly string[]): Promise<Output> {
    return runProgram('kubectl', args, { env: this.#env, timeout: 0 });
  }

  /** Gives kubectl a text on standard input, such as `apply -f -` wants. */
  async kubectlWithInput(input: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runProgram('kubectl', args, { env: this.#env, timeout: 0, input });
    assert.equal(code, 0, `kubectl ${args.join(' ')} failed: ${stderr}`);
    return stdout;
  }

  spawnKubectl(...args: readonly string[]): ChildProcess {
    return spawn('kubectl', args, { env: this.#env, stdio: 'pipe' });
  }

  /** Applies objects given as JSON values. */
  async apply(...objects: readonly object[]): Promise<void> {
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    await this.kubectlWithInput(JSON.stringify(list), 'apply', '-f', '-');
  }

  async json(...args: readonly string[]): Promise<any> {
    return JSON.parse(await this.kubectl(...args, '-o', 'json'));
  }

  /** The addresses of the nodes, by name. */
  async nodeAddresses(): Promise<Map<string, string>> {
    const { items } = await this.json('get', 'nodes');
    return new Map(
      items.map((node: any) => [
        node.metadata.name,
        node.status.addresses.find((a: { type: string }) => a.type === 'InternalIP').address,
      ]),
    );
  }

  /** The process number of one of the cluster's programs: `server`, `agent-node-1`. */
  async pid(program: string): Promise<number> {
    const { stdout } = await this.cox('status');
    const part = program.replace(/^agent-/, '');
    const line = stdout.split('\n').find((text) => text.startsWith(part));
    const pid = /running \((\d+)\)/.exec(line ?? '')?.[1];
    assert.ok(pid, `${program} does not run: ${stdout}`);
    return Number(pid);
  }
}

/** Everything a process writes until it ends. */
export function collect(child: ChildProcess): Promise<Output> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data) => {
    stdout += data;
  });
  child.stderr?.on('data', (data) => {
    stderr += data;
  });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr })));
}

/** Tries until `attempt` gives a value that counts; what it throws counts as "not yet" and is told at the end. */
export async function eventually<T>(what: string, attempt: () => Promise<T | undefined | false>): Promise<T> {
  const end = performance.now() + patienceMs;
  let last: unknown;
  while (performance.now() < end) {
    try {
      const value = await attempt();
      if (value !== undefined && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new assert.AssertionError({
    message: `never: ${what}${last === undefined ? '' : `; last: ${last}`}`,
  });
}
