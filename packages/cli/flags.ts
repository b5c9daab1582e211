import { GoDurationError, parseGoDuration } from '@coxswain/machinery';
import { UsageError } from './cli-error.ts';
import { nearest } from './nearest.ts';

/** Types of flag values, as in upstream's flag listings. */
export type FlagType = 'string' | 'strings' | 'bool' | 'int' | 'duration' | 'map';

/** One flag of a command. */
export interface FlagSpec {
  readonly type: FlagType;
  /** Upstream's default where the flag is upstream's; absent: the flag has no value unless given. */
  readonly default?: string;
  /** One line for `--help`. */
  readonly help: string;
  /** One letter, without the dash. */
  readonly shorthand?: string;
  /** `string` flags that may stand without a value take this one (pflag's NoOptDefVal). */
  readonly bare?: string;
}

export type FlagSpecs = Readonly<Record<string, FlagSpec>>;

/** Milliseconds of a Go duration such as `1m30s`. Throws `UsageError`. */
export function parseDuration(text: string, what: string): number {
  try {
    return parseGoDuration(text);
  } catch (error) {
    if (!(error instanceof GoDurationError)) throw error;
    throw new UsageError(`invalid argument "${text}" for ${what}: not a duration such as 90s or 1m30s`);
  }
}

/** The values of a command line, typed by their specs. */
export class Flags {
  readonly #specs: FlagSpecs;
  readonly #given: ReadonlyMap<string, readonly string[]>;
  /** Arguments that are not flags, in order. */
  readonly args: readonly string[];
  /** What stood after `--`; absent when there was no `--`. */
  readonly afterDashes: readonly string[] | undefined;

  constructor(
    specs: FlagSpecs,
    given: ReadonlyMap<string, readonly string[]>,
    args: readonly string[],
    afterDashes: readonly string[] | undefined,
  ) {
    this.#specs = specs;
    this.#given = given;
    this.args = args;
    this.afterDashes = afterDashes;
  }

  /** Whether the command has such a flag. */
  known(name: string): boolean {
    return this.#specs[name] !== undefined;
  }

  /** Whether the flag stood on the command line. */
  has(name: string): boolean {
    return this.#given.has(name);
  }

  /** The value, the default, or undefined. */
  string(name: string): string | undefined {
    return this.#given.get(name)?.at(-1) ?? this.#spec(name).default;
  }

  /** The values of a list flag, commas split; empty when absent. */
  strings(name: string): readonly string[] {
    const fallback = this.#spec(name).default;
    const given = this.#given.get(name) ?? (fallback === undefined ? [] : [fallback]);
    return given.flatMap((value) => value.split(',')).filter((value) => value !== '');
  }

  /** The values of a list flag as they were given, commas kept. */
  values(name: string): readonly string[] {
    return this.#given.get(name) ?? [];
  }

  bool(name: string): boolean {
    const text = this.string(name) ?? 'false';
    if (['true', 't', 'T', 'TRUE', 'True', '1'].includes(text)) return true;
    if (['false', 'f', 'F', 'FALSE', 'False', '0'].includes(text)) return false;
    throw new UsageError(`invalid argument "${text}" for --${name}: not true or false`);
  }

  int(name: string): number | undefined {
    const text = this.string(name);
    if (text === undefined) return undefined;
    if (!/^[-+]?\d+$/.test(text)) {
      throw new UsageError(`invalid argument "${text}" for --${name}: not a whole number`);
    }
    return Number(text);
  }

  /** Milliseconds. */
  duration(name: string): number | undefined {
    const text = this.string(name);
    return text === undefined ? undefined : parseDuration(text, `--${name}`);
  }

  /** `k=v,k2=v2` as an object. */
  map(name: string): Readonly<Record<string, string>> {
    const entries = this.strings(name).map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 0)
        throw new UsageError(`invalid argument "${pair}" for --${name}: not of the form key=value`);
      return [pair.slice(0, equals), pair.slice(equals + 1)] as const;
    });
    return Object.fromEntries(entries);
  }

  /** Every flag with its value or default, by name; '' where it has none. */
  all(): readonly (readonly [string, string])[] {
    return Object.keys(this.#specs)
      .sort()
      .map((name) => [name, this.#given.get(name)?.join(',') ?? this.#spec(name).default ?? '']);
  }

  #spec(name: string): FlagSpec {
    const spec = this.#specs[name];
    if (!spec) throw new Error(`flag --${name} is read but not declared`);
    return spec;
  }
}

/**
 * Parses a command line as pflag does: `--name=value`, `--name value`, `--bool`, `-n value`, `-nvalue`,
 * `-abc` for several boolean shorthands, `--` ends the flags.
 * @throws UsageError for an unknown flag, naming the nearest known one, and for a missing value
 */
export function parseFlags(argv: readonly string[], specs: FlagSpecs): Flags {
  const given = new Map<string, string[]>();
  const args: string[] = [];
  const byShorthand = new Map(
    Object.entries(specs).flatMap(([name, spec]) =>
      spec.shorthand === undefined ? [] : [[spec.shorthand, name]],
    ),
  );
  const put = (name: string, value: string): void => {
    const values = given.get(name);
    if (values) values.push(value);
    else given.set(name, [value]);
  };
  let i = 0;
  const takeValue = (label: string, inline: string | undefined): string => {
    if (inline !== undefined) return inline;
    const next = argv[++i];
    if (next === undefined) throw new UsageError(`flag needs an argument: ${label}`);
    return next;
  };
  const bareValue = (spec: FlagSpec): string | undefined => (spec.type === 'bool' ? 'true' : spec.bare);

  for (; i < argv.length; i++) {
    const arg = argv[i] as string;
    if (arg === '--') return new Flags(specs, given, args, argv.slice(i + 1));
    if (arg.startsWith('--')) {
      const equals = arg.indexOf('=');
      const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
      const inline = equals < 0 ? undefined : arg.slice(equals + 1);
      const spec = specs[name];
      if (!spec) throw unknownFlag(`--${name}`, name, specs);
      put(name, inline ?? bareValue(spec) ?? takeValue(`--${name}`, undefined));
    } else if (arg.startsWith('-') && arg.length > 1) {
      parseShorthands(arg);
    } else {
      args.push(arg);
    }
  }
  return new Flags(specs, given, args, undefined);

  function parseShorthands(arg: string): void {
    for (let at = 1; at < arg.length; at++) {
      const letter = arg[at] as string;
      const name = byShorthand.get(letter);
      const spec = name === undefined ? undefined : specs[name];
      if (name === undefined || spec === undefined) throw unknownFlag(`-${letter} in ${arg}`, letter, specs);
      const rest = arg.slice(at + 1);
      const bare = bareValue(spec);
      if (rest.startsWith('=') || bare === undefined) {
        const inline = rest.startsWith('=') ? rest.slice(1) : rest === '' ? undefined : rest;
        put(name, takeValue(`-${letter}`, inline));
        return;
      }
      put(name, bare);
    }
  }
}

function unknownFlag(label: string, name: string, specs: FlagSpecs): UsageError {
  const near = nearest(name, Object.keys(specs));
  return new UsageError(
    `unknown flag: ${label}${near === undefined ? '' : `; the nearest known one is --${near}`}`,
  );
}
