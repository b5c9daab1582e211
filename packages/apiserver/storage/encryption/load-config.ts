import { goQuote, parseGoDuration, readText } from '@coxswain/machinery';
import { apiserverConfigScheme, apiserverType } from '../../config-file/apiserver-config.ts';
import { aggregate, ConfigFileError } from '../../config-file/config-file-error.ts';
import type { ConfigFields, ConfigValue } from '../../config-file/config-type.ts';
import { decodeConfig } from '../../config-file/decode-config.ts';
import { type EncryptionConfig, EncryptionConfigError, type KmsConfig } from './config.ts';
import { buildFault } from './masked-resources.ts';
import { validateEncryptionConfig } from './validate-config.ts';

const kind = 'EncryptionConfiguration';

const keys: ConfigFields = {
  keys: { list: { struct: 'Key', fields: { name: 'string', secret: 'string' } } },
};
const aes: ConfigValue = { pointer: { struct: 'AESConfiguration', fields: keys } };
const kms: ConfigFields = {
  apiVersion: 'string',
  name: 'string',
  cachesize: { pointer: 'int32' },
  endpoint: 'string',
  timeout: { pointer: 'duration' },
};

const scheme = apiserverConfigScheme(
  'k8s.io/apiserver/pkg/server/options/encryptionconfig/config.go:142',
  ['v1'],
  kind,
  {
    resources: {
      list: {
        struct: 'ResourceConfiguration',
        fields: {
          resources: { list: 'string' },
          providers: {
            list: {
              struct: 'ProviderConfiguration',
              fields: {
                aesgcm: aes,
                aescbc: aes,
                secretbox: { pointer: { struct: 'SecretboxConfiguration', fields: keys } },
                identity: { pointer: { struct: 'IdentityConfiguration', fields: {} } },
                kms: { pointer: { struct: 'KMSConfiguration', fields: kms } },
              },
            },
          },
        },
      },
    },
  },
);

/** Where a configuration is. */
export interface EncryptionFile {
  readonly path: string;
  /** Gives the text of the file. Throws when it cannot be read, in Go's words. Default: reads it from the disk. */
  readonly read?: (path: string) => string;
  /** Whether it is taken up anew when it changes. */
  readonly reload: boolean;
}

/** A configuration, and the text that says it. */
export interface LoadedEncryption {
  readonly text: string;
  readonly config: EncryptionConfig;
}

/** Reads and checks a configuration. @throws EncryptionConfigError in upstream's words */
export function loadEncryptionConfig({ path, read = readText, reload }: EncryptionFile): LoadedEncryption {
  let text: string;
  try {
    text = read(path);
  } catch (cause) {
    const why = (cause as Error).message;
    throw unparsable(
      `error while loading file: error reading encryption provider configuration file ${goQuote(path)}: ${why}`,
    );
  }
  return { text, config: parseEncryptionConfig(text, path, reload) };
}

/**
 * Reads an encryption configuration (YAML or JSON), with defaults.
 * @param path what messages call it
 * @param reload whether it is taken up anew when it changes: names must be unique then
 * @throws EncryptionConfigError in upstream's words
 */
export function parseEncryptionConfig(text: string, path: string, reload = false): EncryptionConfig {
  const config = decoded(text, `encryption provider configuration file ${goQuote(path)}`);
  const faults = validateEncryptionConfig(config, reload).map(({ field, message }) => `${field}: ${message}`);
  if (faults.length > 0) throw unparsable(aggregate(faults));
  const fault = buildFault(config);
  if (fault !== undefined) throw new EncryptionConfigError(`error while building transformers: ${fault}`);
  return config;
}

function decoded(text: string, file: string): EncryptionConfig {
  if (text === '') throw unparsable(`error while loading file: ${file} is empty`);
  try {
    const { kind: found, object } = decodeConfig(text, scheme);
    if (found.goType === apiserverType(kind)) return withDefaults(object);
    throw unparsable(`got unexpected config type: ${found.apiVersion}, Kind=${found.kind}`);
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error;
    throw unparsable(`error decoding ${file}: ${error.message}`);
  }
}

function unparsable(why: string): EncryptionConfigError {
  return new EncryptionConfigError(`error while parsing file: ${why}`);
}

function withDefaults({ resources = [] }: Readonly<Record<string, any>>): EncryptionConfig {
  return {
    resources: resources.map(({ providers = [], ...block }: Record<string, any>) => ({
      ...block,
      providers: providers.map((provider: Record<string, any>) =>
        provider['kms'] === undefined ? provider : { ...provider, kms: kmsOf(provider['kms']) },
      ),
    })),
  };
}

/** Upstream's defaults. */
const defaultTimeoutMs = 3_000;
const defaultCacheSize = 1_000;

function kmsOf({ apiVersion = 'v1', name = '', endpoint = '', timeout, cachesize }: any): KmsConfig {
  const size = cachesize ?? (apiVersion === 'v1' ? defaultCacheSize : undefined);
  return {
    apiVersion,
    name,
    endpoint,
    timeoutMs: timeout === undefined ? defaultTimeoutMs : parseGoDuration(timeout),
    ...(size === undefined ? {} : { cachesize: size }),
  };
}
