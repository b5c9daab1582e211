import { EncryptionConfigError, type EncryptionOptions, loadEncryptionConfig } from '@coxswain/apiserver';
import { CliError } from './cli-error.ts';
import type { FlagSpecs, Flags } from './flags.ts';

/** Flags of encryption at rest; names and defaults are upstream's. */
export const encryptionFlags = {
  'encryption-provider-config': {
    type: 'string',
    help: 'What is encrypted in the store, and how: a file with an EncryptionConfiguration',
  },
  'encryption-provider-config-automatic-reload': {
    type: 'bool',
    default: 'false',
    help: 'Take up changes of that file while running',
  },
} as const satisfies FlagSpecs;

/**
 * What the flags say about encryption; undefined when values are stored as they are.
 * @throws CliError for a file that cannot be used
 */
export function encryptionFromFlags(flags: Flags): EncryptionOptions | undefined {
  const path = flags.string('encryption-provider-config') ?? '';
  const reload = flags.bool('encryption-provider-config-automatic-reload');
  if (path === '') {
    if (!reload) return undefined;
    throw new CliError(
      'error: --encryption-provider-config-automatic-reload must be set with --encryption-provider-config',
      1,
    );
  }
  const options: EncryptionOptions = { path, reload, keyPrefix: keyPrefix(flags) };
  check(options);
  return options;
}

function check(options: EncryptionOptions): void {
  try {
    loadEncryptionConfig(options);
  } catch (cause) {
    if (!(cause instanceof EncryptionConfigError)) throw cause;
    throw new CliError(`error: ${cause.message}`, 1, { cause });
  }
}

/** Values are bound to the keys under which etcd has them. */
function keyPrefix(flags: Flags): string {
  if (flags.strings('etcd-servers').length === 0) return '/registry';
  return `/${(flags.string('etcd-prefix') ?? '').replace(/^\/+|\/+$/g, '')}`;
}
