import { CliError } from './cli-error.ts';
import type { Streams } from './command.ts';
import { commands, hiddenCommands } from './commands.ts';
import { dispatchCommand } from './dispatch.ts';

/** Runs a command line. Gives the exit code; writes what went wrong as one sentence. */
export async function main(argv: readonly string[], streams: Streams, signal: AbortSignal): Promise<number> {
  try {
    const [name] = argv;
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      streams.out.write(overview());
      return 0;
    }
    if (name === '--version') return await main(['version', '--client'], streams, signal);
    return await dispatchCommand('cox', { ...commands, ...hiddenCommands }, argv, streams, signal);
  } catch (error) {
    if (signal.aborted && !(error instanceof CliError)) return 130;
    const { message, exitCode } = explain(error);
    streams.err.write(message === '' ? '' : `${message}\n`);
    return exitCode;
  }
}

/** What a person reads of an error. Faults of the program itself keep their stack. */
function explain(error: unknown): { message: string; exitCode: number } {
  if (error instanceof CliError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof Error && 'code' in error && typeof error.code !== 'undefined') {
    // A cluster that cannot be as it was asked for: a wrong call, as of any other command.
    return { message: `error: ${error.message}`, exitCode: error.code === 'INVALID_OPTION' ? 2 : 1 };
  }
  return {
    message: `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    exitCode: 1,
  };
}

function overview(): string {
  const groups = Map.groupBy(Object.entries(commands), ([, entry]) => entry.group);
  const parts = [...groups].map(([group, entries]) => {
    const lines = entries.map(([name, entry]) => `  ${name.padEnd(20)} ${entry.summary}`);
    return `${group}:\n${lines.join('\n')}`;
  });
  return `cox runs Kubernetes 1.36.\n\n${parts.join('\n\n')}\n\nUse "cox <command> --help" for the flags of a command.\n`;
}
