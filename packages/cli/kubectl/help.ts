import { helpText } from '../command.ts';
import type { Verb } from './verb.ts';

/** What `--help` prints for a verb. */
export async function helpOfVerb(path: string, verb: Verb): Promise<string> {
  const { subcommands } = verb;
  const below = subcommands === undefined ? '' : `\n${await subcommandLines(verb)}`;
  const flags = helpText(verb.usage, verb.flags ?? {});
  return `${verb.summary}\n${below}\n${flags}\n${footer(path, verb)}`;
}

/** What a group of commands prints when none of them is named. */
export async function helpOfGroup(path: string, verb: Verb): Promise<string> {
  const usage = `Usage:\n  cox ${verb.usage}\n`;
  return `${verb.summary}\n\n${await subcommandLines(verb)}\n${usage}\n${footer(path, verb)}`;
}

async function subcommandLines(verb: Verb): Promise<string> {
  const entries = Object.entries(verb.subcommands ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const loaded = await Promise.all(entries.map(async ([name, load]) => [name, await load()] as const));
  // Aliases are left out: a verb stands under the name that its usage line has.
  const lines = loaded
    .filter(([name, each]) => each.usage.split(' ').includes(name))
    .map(([name, each]) => `  ${name.padEnd(20)} ${each.summary}\n`);
  return `Available Commands:\n${lines.join('')}`;
}

function footer(path: string, verb: Verb): string {
  return verb.subcommands === undefined
    ? 'The flags of the connection (--kubeconfig, --context, --namespace and so on) are those of kubectl.\n'
    : `Use "cox ${path} <command> --help" for more information about a given command.\n`;
}
