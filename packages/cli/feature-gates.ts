import { allFeatureGates } from '@coxswain/api';
import type { Logger } from '@coxswain/machinery';
import { UsageError } from './cli-error.ts';
import type { FlagSpecs, Flags } from './flags.ts';

export const featureGateFlags = {
  'feature-gates': {
    type: 'strings',
    help: "NAME=true or NAME=false of upstream's features; what is served is what is on by default",
  },
} as const satisfies FlagSpecs;

const booleans: Readonly<Record<string, boolean>> = {
  1: true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  0: false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

/**
 * Which gates a command line sets.
 * @throws {UsageError} with upstream's text for gates that this release does not have
 */
export function featureGatesFromFlags(flags: Flags): ReadonlyMap<string, boolean> {
  const known = allFeatureGates();
  const set = new Map<string, boolean>();
  for (const entry of flags.strings('feature-gates')) {
    // upstream takes the component's name before a colon
    const pair = entry.replace(/^kube:/, '');
    const equals = pair.indexOf('=');
    const refuse = (why: string): never => {
      throw new UsageError(`error: invalid argument "${entry}" for "--feature-gates" flag: ${why}`);
    };
    if (equals < 0) return refuse(`missing bool value for ${pair}`);
    const [name, text] = [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
    const value = Object.hasOwn(booleans, text) ? booleans[text] : undefined;
    if (!known.has(name)) return refuse(`unrecognized feature gate: ${name}`);
    if (value === undefined) {
      return refuse(
        `invalid value of ${name}=${text}, err: strconv.ParseBool: parsing "${text}": invalid syntax`,
      );
    }
    set.set(name, value);
  }
  return set;
}

/** Tells of gates that ask for something else than is served. */
export function warnOfFeatureGates(set: ReadonlyMap<string, boolean>, logger: Logger): void {
  for (const [name, value] of set) {
    if (allFeatureGates().get(name)?.byDefault !== value) {
      logger.warn('a feature gate changes nothing', { featureGate: `${name}=${value}` });
    }
  }
}
