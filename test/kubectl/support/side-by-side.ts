import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@coxswain/machinery/testing';
import { ApiProcess } from '../../support/api-process.ts';
import { runProgram } from '../../support/run-program.ts';

const cox = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'cox');

/** What a command printed, both streams, and its exit code. */
export interface Printed {
  readonly text: string;
  readonly code: number;
}

/** A server with a namespace each for kubectl and for cox, so that both may do the same to their own. */
export class SideBySide {
  readonly dir = mkdtempSync(join(tmpdir(), 'coxswain-kubectl-'));
  readonly namespaces = { kubectl: 'tenant-k', cox: 'tenant-c' } as const;
  #server: ApiProcess | undefined;

  async start(): Promise<void> {
    this.#server = await ApiProcess.start({ command: 'server', dir: join(this.dir, 'data') });
    await until(() => existsSync(this.kubeconfig));
    for (const namespace of Object.values(this.namespaces))
      await this.#run('kubectl', ['create', 'namespace', namespace]);
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  get kubeconfig(): string {
    return join(this.dir, 'data', 'admin.kubeconfig');
  }

  /** Runs the command with both programs, each in its namespace, and evens out what must differ. */
  async both(argsFor: (namespace: string) => readonly string[]): Promise<{ kubectl: Printed; cox: Printed }> {
    const { namespaces } = this;
    const cache = ['--cache-dir', join(this.dir, 'cache')];
    const [kubectl, own] = await Promise.all([
      this.#run('kubectl', ['-n', namespaces.kubectl, ...argsFor(namespaces.kubectl)]),
      this.#run(cox, ['-n', namespaces.cox, ...cache, ...argsFor(namespaces.cox)]),
    ]);
    return {
      kubectl: { ...kubectl, text: evened(kubectl.text, this.namespaces.kubectl) },
      cox: { ...own, text: evened(own.text, this.namespaces.cox) },
    };
  }

  async #run(program: string, args: readonly string[]): Promise<Printed> {
    const env = { ...process.env, KUBECONFIG: this.kubeconfig };
    const { code, stdout, stderr } = await runProgram(program, args, { env });
    return { text: stdout + stderr, code };
  }
}

/** Leaves out what differs between two objects of one content, two programs and two versions of one program. */
function evened(text: string, namespace: string): string {
  return text
    .replaceAll(namespace, 'NAMESPACE')
    .replaceAll(' from NAMESPACE namespace', '')
    .replaceAll(
      /^(\s*(?:- )?)"?(uid|resourceVersion|\w*[tT]imestamp|lastTransitionTime|lastUpdateTime)"?: .*$/gm,
      '$1$2',
    )
    .replaceAll(/^ *(metadata:)? *creationTimestamp$/gm, '')
    .replaceAll(/^( *metadata:) \{\}$/gm, '$1')
    .replaceAll(/^(Created on: ).*$/gm, '$1')
    .replaceAll(/\n+/g, '\n')
    .replaceAll(/\b(LIVE|MERGED)-\w+/g, '$1')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\S* [+-]\d{4}/g, 'TIME')
    .replaceAll(/^\+? +uid: \S+$/gm, '+  uid')
    .replaceAll(/^E\d{4} .*"command failed" err="(.*)"$/gm, 'error: $1')
    .replaceAll(/^W\d{4} \S+ +\d+ \S+\] /gm, 'W ')
    .replaceAll(/\b\d+[smh](\d+[sm])?\b/g, 'AGE')
    .replaceAll(/AGE +/g, 'AGE ')
    .replaceAll(/(clusterIP: |- |ClusterIP +|IPs?: +)10\.\d+\.\d+\.\d+/g, '$1IP')
    .replaceAll(/"?\bcox\b/g, (word) => word.replace('cox', 'kubectl'))
    .replaceAll(/^Error: (unknown|invalid|flag)/gm, 'error: $1');
}
