import { UsageError } from './cli-error.ts';
import { type Command, runCommand, type Streams } from './command.ts';
import { didYouMean } from './nearest.ts';

/** Commands by name, each loaded when it is called. */
export type CommandTable = Readonly<Record<string, { readonly load: () => Promise<Command> }>>;

/**
 * Runs the command that a command line names, or the plugin that does. Global flags may stand before the name.
 * @param program what the error about an unknown command calls the caller
 * @throws UsageError when there is neither a command nor a plugin of the name
 */
export async function dispatchCommand(
  program: string,
  table: CommandTable,
  argv: readonly string[],
  streams: Streams,
  signal: AbortSignal,
): Promise<number> {
  const [name = '', ...rest] = argv[0]?.startsWith('-') ? await nameFirst(argv) : argv;
  const entry = Object.hasOwn(table, name) ? table[name] : undefined;
  if (entry !== undefined) {
    return await runCommand(await entry.load(), rest, streams, signal);
  }
  const { findPlugin, runPlugin } = await import('./kubectl/plugin/find-plugin.ts');
  const plugin = findPlugin(argv);
  if (plugin !== undefined) return await runPlugin(plugin, signal);
  throw new UsageError(
    `error: unknown command "${name}" for "${program}"${didYouMean(name, Object.keys(table))}`,
  );
}

async function nameFirst(argv: readonly string[]): Promise<readonly string[]> {
  const { verbFirst } = await import('./kubectl/leading-flags.ts');
  return verbFirst(argv);
}
