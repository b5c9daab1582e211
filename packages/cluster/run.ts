import { spawn } from 'node:child_process';
import { ClusterError } from './cluster-error.ts';

export interface RunOptions {
  /** Text for standard input. */
  readonly input?: string | Uint8Array;
  /** Path of a network namespace to run in. */
  readonly netns?: string;
  readonly signal?: AbortSignal;
}

export interface RunResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `command` as it is typed, entered into the network namespace when there is one. */
export function inNetns(netns: string | undefined, command: readonly string[]): readonly string[] {
  // Not `ip netns exec`: that remounts /sys, and with it hides the cgroups from what it runs.
  return netns === undefined ? command : ['nsenter', `--net=${netns}`, '--', ...command];
}

/**
 * Runs a program to its end and gives its exit status and output.
 *
 * @throws ClusterError MISSING_PREREQUISITE when the program is not there
 */
export function tryRun(command: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const [program, ...args] = inNetns(options.netns, command) as [string, ...string[]];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'ENOENT'
          ? new ClusterError('MISSING_PREREQUISITE', `the program "${program}" is not installed`, error)
          : error,
      );
    });
    child.on('close', (status, signal) => {
      resolve({ status: status ?? 128, stdout, stderr: signal ? `${stderr}killed by ${signal}` : stderr });
    });
    // A program that ends without reading its input closes the pipe early; its exit status tells the story.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/**
 * Runs a program and gives its standard output.
 *
 * @throws ClusterError COMMAND_FAILED with what it wrote to standard error, when its status is not 0
 */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await tryRun(command, options);
  if (result.status !== 0) {
    const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-3).join('; ');
    throw new ClusterError('COMMAND_FAILED', `"${command.join(' ')}" ended with ${result.status}: ${said}`);
  }
  return result.stdout;
}
