import {
  type AccessOptions,
  type AdmissionConfig,
  admissionPluginNames,
  defaultAdmissionPluginNames,
  loadAdmissionConfig,
} from '@coxswain/apiserver';
import { CliError, UsageError } from './cli-error.ts';
import type { FlagSpecs, Flags } from './flags.ts';

/** Flags of admission; names and defaults are upstream's. */
export const admissionFlags = {
  'admission-control': { type: 'strings', help: 'Exactly these plugins; deprecated' },
  'admission-control-config-file': { type: 'string', help: 'AdmissionConfiguration: what plugins work by' },
  'default-not-ready-toleration-seconds': {
    type: 'int',
    default: '300',
    help: 'How long pods stay on a node that is not ready unless they say otherwise',
  },
  'default-unreachable-toleration-seconds': {
    type: 'int',
    default: '300',
    help: 'The same of a node that cannot be reached',
  },
  'enable-admission-plugins': { type: 'strings', help: 'Besides the default ones' },
  'disable-admission-plugins': { type: 'strings', help: 'Of the default ones' },
} as const satisfies FlagSpecs;

type AdmissionOptions = Pick<
  AccessOptions,
  'enableAdmissionPlugins' | 'disableAdmissionPlugins' | 'tolerationSeconds'
>;

/**
 * Which plugins run, and by what.
 * @throws {UsageError} where upstream refuses the flags
 */
export function admissionFromFlags(flags: Flags): AdmissionOptions {
  const seconds = (name: keyof typeof admissionFlags): number => flags.int(name) as number;
  return {
    ...pluginsFromFlags(flags),
    tolerationSeconds: {
      notReady: seconds('default-not-ready-toleration-seconds'),
      unreachable: seconds('default-unreachable-toleration-seconds'),
    },
  };
}

function pluginsFromFlags(
  flags: Flags,
): Pick<AdmissionOptions, 'enableAdmissionPlugins' | 'disableAdmissionPlugins'> {
  const enabled = flags.strings('enable-admission-plugins');
  const disabled = flags.strings('disable-admission-plugins');
  const exactly = flags.strings('admission-control');
  if (exactly.length > 0 && enabled.length + disabled.length > 0) {
    throw new UsageError(
      'error: admission-control and enable-admission-plugins/disable-admission-plugins flags are mutually exclusive',
    );
  }
  const both = [...new Set(enabled.filter((name) => disabled.includes(name)))].sort().join(' ');
  const faults = [
    ...unknownOf('enable-admission-plugins', enabled),
    ...unknownOf('disable-admission-plugins', disabled),
    ...unknownOf('admission-control', exactly),
    ...(both === ''
      ? []
      : [`[${both}] in enable-admission-plugins and disable-admission-plugins overlapped`]),
  ];
  if (faults.length > 0) {
    throw new UsageError(`error: ${faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`}`);
  }
  if (exactly.length === 0) return { enableAdmissionPlugins: enabled, disableAdmissionPlugins: disabled };
  return {
    enableAdmissionPlugins: exactly,
    disableAdmissionPlugins: defaultAdmissionPluginNames.filter((name) => !exactly.includes(name)),
  };
}

function unknownOf(flag: string, names: readonly string[]): string[] {
  return names
    .filter((name) => !admissionPluginNames.includes(name))
    .map((name) => `${flag} plugin "${name}" is unknown`);
}

/**
 * What the file of the flags says of plugins; undefined where there is none.
 * @throws {CliError} when it cannot be used
 */
export async function admissionConfig(flags: Flags): Promise<AdmissionConfig | undefined> {
  const path = flags.string('admission-control-config-file');
  if (path === undefined) return undefined;
  const { enableAdmissionPlugins, disableAdmissionPlugins } = pluginsFromFlags(flags);
  const enabled = (name: string): boolean =>
    enableAdmissionPlugins.includes(name) ||
    (defaultAdmissionPluginNames.includes(name) && !disableAdmissionPlugins.includes(name));
  try {
    return await loadAdmissionConfig(path, enabled);
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    throw new CliError(`error: failed to read plugin config: ${error.message}`, 1, { cause: error });
  }
}
