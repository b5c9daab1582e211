import { type ExecFileOptions, execFile } from 'node:child_process';

/** What a program wrote, and its exit code. */
export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const patienceMs = 120_000;

/** Runs a program to its end, whatever becomes of it. Rejects when there is no such program. */
export function runProgram(
  program: string,
  args: readonly string[],
  { input = '', ...options }: ExecFileOptions & { readonly input?: string } = {},
): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      [...args],
      { timeout: patienceMs, maxBuffer: 64 << 20, ...options, encoding: 'utf8' },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : (error.code ?? 1);
        if (typeof code === 'string') reject(error);
        else resolve({ code, stdout, stderr });
      },
    );
    // A program that reads nothing may be gone before its input comes.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
