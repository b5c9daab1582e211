import type { Command, Streams } from '../../command.ts';
import type { CommandTable } from '../../dispatch.ts';
import type { FlagSpecs } from '../../flags.ts';
import { parseFlags } from '../../flags.ts';
import { globalFlags } from '../global-flags.ts';
import { Session } from '../session.ts';
import { type KubectlCommand, subcommandAt, type Verb } from '../verb.ts';
import { argumentCandidates, flagValueCandidates } from './candidates.ts';

/** What may stand where the last word is: words, and whether names of files may too. */
export interface Candidates {
  readonly words: readonly string[];
  readonly files?: boolean;
}

/**
 * The command that shells ask for candidates: what stands on the command line, the last word as far as it is typed.
 * Failures give no candidates: a person who presses a key must not be told of them.
 */
export function completeCommand(table: () => CommandTable): Command {
  return {
    usage: '__complete [WORD...]',
    flags: {},
    run: () => Promise.reject(new Error('__complete parses its own command line')),
    dispatch: async (argv, streams, signal) => {
      const { words, files = false } = await complete(table(), argv, streams, signal).catch(
        (): Candidates => ({ words: [] }),
      );
      for (const word of words) streams.out.write(`${word}\n`);
      streams.out.write(files ? ':0\n' : ':4\n');
      return 0;
    },
  };
}

async function complete(
  table: CommandTable,
  argv: readonly string[],
  streams: Streams,
  signal: AbortSignal,
): Promise<Candidates> {
  const typed = argv.at(-1) ?? '';
  const before = argv.slice(0, -1);
  const at = subcommandAt(before, {});
  if (at < 0) {
    const names = Object.keys(table).filter((name) => !name.startsWith('__'));
    return startingWith(typed, typed.startsWith('-') ? flagNames(globalFlags) : names.sort());
  }
  const rest = [...before.slice(0, at), ...before.slice(at + 1)];
  const entry = table[before[at] ?? ''];
  if (entry === undefined) return { words: [] };
  const command = await entry.load();
  if (!('verb' in command)) return startingWith(typed, flagNames(command.flags));
  return completeVerb((command as KubectlCommand).verb, [before[at] ?? ''], rest, typed, streams, signal);
}

async function completeVerb(
  verb: Verb,
  path: readonly string[],
  before: readonly string[],
  typed: string,
  streams: Streams,
  signal: AbortSignal,
): Promise<Candidates> {
  const at = subcommandAt(before, verb);
  const below = verb.subcommands ?? {};
  const load = below[before[at] ?? ''];
  if (load !== undefined) {
    const rest = before.filter((_, i) => i !== at);
    return completeVerb(await load(), [...path, before[at] ?? ''], rest, typed, streams, signal);
  }
  const specs: FlagSpecs = { ...globalFlags, ...verb.flags };
  const asked = flagAsked(before, typed, specs);
  const session = sessionOf(path, asked.before, specs, streams, signal);
  try {
    if (asked.flag !== undefined) {
      const { words, files } = await flagValueCandidates(session, asked.flag);
      const found = startingWith(asked.value, words);
      return { words: found.words.map((word) => asked.prefix + word), files: files ?? false };
    }
    if (typed.startsWith('-')) return startingWith(typed, flagNames(specs));
    const names = session.args.length === 0 ? Object.keys(below) : [];
    const { words, files } = await argumentCandidates(session, typed);
    return { ...startingWith(typed, [...names, ...words]), files: files ?? false };
  } finally {
    session.close();
  }
}

/** The flag whose value is typed: `--flag=va`, or `--flag va`. */
function flagAsked(
  before: readonly string[],
  typed: string,
  specs: FlagSpecs,
): {
  readonly flag?: string;
  readonly value: string;
  readonly prefix: string;
  readonly before: readonly string[];
} {
  const equals = typed.startsWith('--') ? typed.indexOf('=') : -1;
  if (equals > 0) {
    const prefix = typed.slice(0, equals + 1);
    return { flag: typed.slice(2, equals), value: typed.slice(equals + 1), prefix, before };
  }
  const last = before.at(-1) ?? '';
  const name = last.startsWith('--')
    ? last.slice(2)
    : /^-\w$/.test(last)
      ? Object.keys(specs).find((each) => specs[each]?.shorthand === last.slice(1))
      : undefined;
  const spec = name === undefined ? undefined : specs[name];
  if (name === undefined || spec === undefined || spec.type === 'bool' || spec.bare !== undefined) {
    return { value: '', prefix: '', before };
  }
  return { flag: name, value: typed, prefix: '', before: before.slice(0, -1) };
}

function sessionOf(
  path: readonly string[],
  argv: readonly string[],
  specs: FlagSpecs,
  streams: Streams,
  signal: AbortSignal,
): Session {
  const help = { type: 'bool', shorthand: 'h', help: '' } as const;
  // Three seconds are as long as anybody waits for a list behind a key.
  const flags = parseFlags(['--request-timeout=3s', ...argv], { ...specs, help });
  return new Session({ path: path.join(' '), flags, streams, signal });
}

function flagNames(specs: FlagSpecs): string[] {
  return Object.entries(specs)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, { type, bare, help }]) =>
        `--${name}${type === 'bool' || bare !== undefined ? '' : '='}\t${help}`,
    );
}

function startingWith(typed: string, words: readonly string[]): Candidates {
  return { words: words.filter((word) => word.startsWith(typed)) };
}
