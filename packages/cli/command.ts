import { UsageError } from './cli-error.ts';
import { type FlagSpecs, type Flags, parseFlags } from './flags.ts';

/** Where a command reads and writes; a test gives its own. */
export interface Streams {
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly in: NodeJS.ReadableStream & { readonly isTTY?: boolean };
}

export interface CommandContext {
  readonly flags: Flags;
  readonly streams: Streams;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** A command: its flags and what it does. Loaded only when it is called. */
export interface Command {
  /** The line after `Usage:`, without `cox`. */
  readonly usage: string;
  readonly flags: FlagSpecs;
  /** Whether words that are no flags mean something to it; absent: they are refused. */
  readonly takesArguments?: boolean;
  /** Resolves with the exit code; throws `CliError` for what a person should read. */
  run(context: CommandContext): Promise<number>;
  /** Present when the command parses its own command line (subcommands, kubectl's texts); takes `run`'s place. */
  readonly dispatch?: (argv: readonly string[], streams: Streams, signal: AbortSignal) => Promise<number>;
}

/** Parses the command line and runs the command; `--help` prints its usage instead. */
export async function runCommand(
  command: Command,
  argv: readonly string[],
  streams: Streams,
  signal: AbortSignal,
): Promise<number> {
  if (command.dispatch !== undefined) return await command.dispatch(argv, streams, signal);
  const specs: FlagSpecs = {
    ...command.flags,
    help: { type: 'bool', shorthand: 'h', help: 'Print this text' },
  };
  try {
    const flags = parseFlags(argv, specs);
    if (flags.bool('help')) {
      streams.out.write(helpText(command.usage, specs));
      return 0;
    }
    if (specs['version'] !== undefined && flags.bool('version')) {
      const { gitVersion } = await import('@coxswain/apiserver');
      streams.out.write(`Kubernetes ${gitVersion()}\n`);
      return 0;
    }
    if (command.takesArguments !== true) refuseArguments(command, flags.args);
    return await command.run({ flags, streams, signal });
  } catch (error) {
    throw error instanceof UsageError ? inOneForm(error) : error;
  }
}

function refuseArguments({ usage }: Command, args: readonly string[]): void {
  if (args.length === 0) return;
  const name = `cox ${usage.split(' ', 1).join()}`;
  throw new UsageError(`error: "${name}" does not take any arguments, got ${JSON.stringify(args)}`);
}

/** What flags tell without knowing whose they are. */
function inOneForm(error: UsageError): UsageError {
  return error.message.startsWith('error: ') ? error : new UsageError(`error: ${error.message}`);
}

/** The usage line and one line a flag. */
export function helpText(usage: string, specs: FlagSpecs): string {
  const lines = Object.entries(specs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, spec]) => {
      const head = `${spec.shorthand === undefined ? '    ' : `-${spec.shorthand}, `}--${name}`;
      const value = spec.default === undefined || spec.default === '' ? '' : ` (default ${spec.default})`;
      return `  ${head.padEnd(44)} ${spec.help}${value}`;
    });
  return `Usage:\n  cox ${usage}\n\nFlags:\n${lines.join('\n')}\n`;
}
