import { UsageError } from '../cli-error.ts';
import type { Command, Streams } from '../command.ts';
import { type FlagSpecs, type Flags, parseFlags } from '../flags.ts';
import { ExitWith, reportFailure } from './error-text.ts';
import { globalFlags } from './global-flags.ts';
import { helpOfGroup, helpOfVerb } from './help.ts';
import { Session } from './session.ts';

/** A kubectl command, or a group of them. */
export interface Verb {
  /** The line after `cox`, such as `get TYPE [NAME]`. */
  readonly usage: string;
  readonly summary: string;
  readonly flags?: FlagSpecs;
  /** Commands below this one, loaded when called. */
  readonly subcommands?: Readonly<Record<string, () => Promise<Verb>>>;
  /** Of a group: to name no command is a way to ask for help, not a mistake. */
  readonly bareHelp?: boolean;
  /** A plugin may add commands below this one (`kubectl-create-foo` for `create foo`). */
  readonly plugins?: boolean;
  /** The exit code of failures, where it is not 1. */
  readonly failureCode?: number;
  /** Flags that must be given, by name. */
  readonly required?: readonly string[];
  /** Gives the exit code; nothing: 0. */
  readonly run?: (session: Session) => Promise<number | undefined>;
}

/** A command of `cox` that is a verb of kubectl. */
export interface KubectlCommand extends Command {
  readonly verb: Verb;
}

/** Makes a verb a command of `cox`: parses as kubectl does and words errors as kubectl does. */
export function kubectlCommand(path: string, verb: Verb): KubectlCommand {
  return {
    verb,
    usage: verb.usage,
    flags: { ...globalFlags, ...verb.flags },
    run: () => Promise.reject(new Error(`${path} parses its own command line`)),
    dispatch: (argv, streams, signal) => dispatch(path, verb, argv, streams, signal),
  };
}

async function dispatch(
  path: string,
  verb: Verb,
  argv: readonly string[],
  streams: Streams,
  signal: AbortSignal,
): Promise<number> {
  const at = verb.subcommands === undefined ? -1 : subcommandAt(argv, verb);
  const name = argv[at];
  const load = name === undefined ? undefined : verb.subcommands?.[name];
  if (load !== undefined) {
    const rest = argv.filter((_, i) => i !== at);
    const below = await load();
    return dispatch(pathOf(below.usage), below, rest, streams, signal);
  }
  if (verb.plugins === true && name !== undefined) {
    const { findPlugin, runPlugin } = await import('./plugin/find-plugin.ts');
    const words = path.split(' ');
    const plugin = findPlugin([...words, ...argv], words.length + 1);
    if (plugin !== undefined) return runPlugin(plugin, signal);
  }
  const specs: FlagSpecs = { ...globalFlags, ...verb.flags };
  let session: Session | undefined;
  try {
    const flags = parse(path, argv, specs);
    if (flags.bool('help')) {
      streams.out.write(await helpOfVerb(path, verb));
      return 0;
    }
    if (verb.run === undefined) {
      if (name !== undefined) {
        throw new UsageError(`error: unknown command "${name}"\nSee 'cox ${path} -h' for help and examples`);
      }
      const asked = verb.bareHelp === true;
      (asked ? streams.out : streams.err).write(await helpOfGroup(path, verb));
      return asked ? 0 : 1;
    }
    const missing = (verb.required ?? []).filter((flag) => !flags.has(flag));
    if (missing.length > 0) {
      throw new ExitWith(
        1,
        `error: required flag(s) ${missing.map((flag) => `"${flag}"`).join(', ')} not set`,
      );
    }
    session = new Session({ path, flags, streams, signal, own: new Set(Object.keys(verb.flags ?? {})) });
    const code = (await verb.run(session)) ?? 0;
    const warnings = flags.bool('warnings-as-errors') ? await session.warnings() : 0;
    if (warnings > 0) {
      throw new ExitWith(1, `error: ${warnings} warning${warnings === 1 ? '' : 's'} received`);
    }
    return code;
  } catch (error) {
    if (signal.aborted && !(error instanceof ExitWith)) return 130;
    const code = reportFailure(error, streams.err);
    return code === 1 ? (verb.failureCode ?? 1) : code;
  } finally {
    session?.close();
  }
}

/** The words of a usage line that name the verb; aliases have the name of what they stand for. */
function pathOf(usage: string): string {
  return /^[a-z][a-z-]*(?: [a-z][a-z-]*)*/.exec(usage)?.[0] ?? usage;
}

function parse(path: string, argv: readonly string[], specs: FlagSpecs): Flags {
  try {
    const flags = parseFlags(argv, {
      ...specs,
      help: { type: 'bool', shorthand: 'h', help: 'Print this text' },
    });
    // Values are read here once, so that a wrong one is told before anything is done.
    for (const [name, spec] of Object.entries(specs)) {
      if (spec.type === 'bool') flags.bool(name);
      else if (spec.type === 'int') flags.int(name);
      else if (spec.type === 'duration') flags.duration(name);
    }
    return flags;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new ExitWith(1, `error: ${pflagText(error.message)}\nSee 'cox ${path} --help' for usage.`);
  }
}

/** The texts of pflag for what our own parser says in its words. */
function pflagText(message: string): string {
  const unknown = /^unknown flag: -(\w) in ([^\s;]+)/.exec(message);
  if (unknown) return `unknown shorthand flag: '${unknown[1]}' in ${unknown[2]}`;
  const missing = /^flag needs an argument: -(\w)$/.exec(message);
  if (missing) return `flag needs an argument: '${missing[1]}' in -${missing[1]}`;
  const value = /^invalid argument "(.*)" for (--\S+): (.*)$/.exec(message);
  if (value) {
    const [, text, flag, why = ''] = value;
    return `invalid argument "${text}" for "${flag}" flag: ${goWhy(text as string, why)}`;
  }
  return message.replace(/; the nearest.*$/, '');
}

function goWhy(text: string, why: string): string {
  if (why.includes('whole number')) return `strconv.ParseInt: parsing "${text}": invalid syntax`;
  if (why.includes('true or false')) return `strconv.ParseBool: parsing "${text}": invalid syntax`;
  if (why.includes('duration')) return `time: invalid duration "${text}"`;
  return why;
}

/** Where the first argument that is no flag stands, as cobra finds a subcommand. */
export function subcommandAt(argv: readonly string[], verb: Pick<Verb, 'flags'>): number {
  const specs: FlagSpecs = { ...globalFlags, ...verb.flags };
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i] as string;
    if (arg === '--') return -1;
    if (!arg.startsWith('-') || arg === '-') return i;
    if (arg.includes('=')) continue;
    const name = arg.startsWith('--')
      ? arg.slice(2)
      : Object.keys(specs).find((each) => specs[each]?.shorthand === arg.slice(1));
    const spec = name === undefined ? undefined : specs[name];
    if (spec !== undefined && spec.type !== 'bool' && spec.bare === undefined) i++;
  }
  return -1;
}
