/** An error that a person at a terminal sees as one sentence; `exitCode` is the process's. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code = 'CLI';
  readonly exitCode: number;

  constructor(message: string, exitCode = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** A wrong call: unknown command or flag, missing argument. Exit code 2. */
export class UsageError extends CliError {
  constructor(message: string) {
    super(message, 2);
  }
}
