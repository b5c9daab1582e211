import { spawn } from 'node:child_process';

/** Runs programs for the proxy; tests put in their own. */
export interface CommandRunner {
  /** Rejects with what the program said when its exit status is not 0. */
  run(command: readonly string[], input?: string): Promise<void>;
}

/** A program that ended badly. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code = 'COMMAND_FAILED';
  readonly status: number;

  constructor(command: readonly string[], status: number, said: string) {
    super(`"${command.join(' ')}" ended with ${status}: ${said}`);
    this.status = status;
  }
}

/** Runs the programs themselves; `prefix` goes before each, such as an nsenter into a network namespace. */
export function commandRunner(prefix: readonly string[] = []): CommandRunner {
  return {
    run: (command, input = '') =>
      new Promise((resolve, reject) => {
        const [program, ...args] = [...prefix, ...command] as [string, ...string[]];
        const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] });
        let said = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          if (said.length < 4_000) said += text;
        });
        child.on('error', reject);
        child.on('close', (status) => {
          if (status === 0) resolve();
          else reject(new CommandError(command, status ?? 128, said.trim()));
        });
        // A program that ends before it has read all closes the pipe; its status tells why.
        child.stdin.on('error', () => {});
        child.stdin.end(input);
      }),
  };
}
