import {
  type FieldError,
  FieldPath,
  formatGoDuration,
  type GoUrl,
  GoUrlError,
  goQuote,
  invalid,
  parseGoUrl,
  required,
} from '@coxswain/machinery';
import type { EncryptionConfig, KeysConfig, KmsConfig, ProviderConfig } from './config.ts';
import { validateResources } from './validate-resources.ts';

const aesKeySizes = [16, 24, 32];
const secretboxKeySizes = [32];
/** By the names that upstream's structure has, in its order. */
const providerNames = {
  AESGCM: 'aesgcm',
  AESCBC: 'aescbc',
  Secretbox: 'secretbox',
  Identity: 'identity',
  KMS: 'kms',
} as const satisfies Record<string, keyof ProviderConfig>;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * What is wrong with an encryption configuration that has its defaults, in upstream's words.
 * @param reload whether it may be taken up anew
 */
export function validateEncryptionConfig(config: EncryptionConfig, reload: boolean): FieldError[] {
  const root = FieldPath.root('resources');
  const blocks = config.resources ?? [];
  if (blocks.length === 0) return [required(root, `at least one ${root} is required`)];
  const kmsNames = new Set<string>();
  return blocks.flatMap(({ resources = [], providers = [] }, i) => {
    const errors = validateResources(resources, root.index(i).child('resources'));
    const path = root.index(i).child('providers');
    if (providers.length === 0) errors.push(required(path, `at least one ${path} is required`));
    providers.forEach((provider, j) => {
      errors.push(...validateProvider(provider, path.index(j), kmsNames, reload));
    });
    return errors;
  });
}

function validateProvider(
  provider: ProviderConfig,
  path: FieldPath,
  kmsNames: Set<string>,
  reload: boolean,
): FieldError[] {
  const { kms, aesgcm, aescbc, secretbox } = provider;
  return [
    ...validateOneOf(provider, path),
    // One of them is looked into, in this order.
    ...(kms !== undefined
      ? validateKms(kms, path.child('kms'), kmsNames, reload)
      : aesgcm !== undefined
        ? validateKeys(aesgcm, path.child('aesgcm', 'keys'), aesKeySizes)
        : aescbc !== undefined
          ? validateKeys(aescbc, path.child('aescbc', 'keys'), aesKeySizes)
          : secretbox !== undefined
            ? validateKeys(secretbox, path.child('secretbox', 'keys'), secretboxKeySizes)
            : []),
  ];
}

function validateOneOf(provider: ProviderConfig, path: FieldPath): FieldError[] {
  const given = Object.values(providerNames).filter((name) => provider[name] !== undefined);
  if (given.length === 1) return [];
  const text =
    given.length === 0
      ? 'provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity'
      : 'more than one provider specified in a single element, should split into different list elements';
  return [invalid(path, shown(provider), text)];
}

/** The provider as upstream's structure prints it, but for the secrets: they are nothing for a log. */
function shown(provider: ProviderConfig): object {
  const { kms } = provider;
  const entries = Object.entries(providerNames).map(([shownName, name]) => {
    const one = provider[name];
    if (one === undefined) return [shownName, null];
    if (name === 'identity') return [shownName, {}];
    if (name !== 'kms') {
      const { keys } = one as KeysConfig;
      const listed = keys?.map((key) => ({ Name: key.name ?? '', Secret: key.secret ? 'REDACTED' : '' }));
      return [shownName, { Keys: listed ?? null }];
    }
    const { apiVersion, name: kmsName, cachesize, endpoint, timeoutMs } = kms as KmsConfig;
    return [
      shownName,
      {
        APIVersion: apiVersion,
        Name: kmsName,
        CacheSize: cachesize ?? null,
        Endpoint: endpoint,
        Timeout: formatGoDuration(timeoutMs),
      },
    ];
  });
  return Object.fromEntries(entries);
}

function validateKeys({ keys = [] }: KeysConfig, path: FieldPath, sizes: readonly number[]): FieldError[] {
  if (keys.length === 0) return [required(path, 'at least one keys is required')];
  return keys.flatMap(({ name = '', secret = '' }, i) => {
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(path.index(i).child('name'), mandatory('name', 'key')));
    const secretPath = path.index(i).child('secret');
    if (secret === '') return [...errors, required(secretPath, mandatory('secret', 'key'))];
    // Go's decoder passes over line breaks.
    if (!base64.test(secret.replace(/[\r\n]/g, ''))) {
      return [...errors, invalid(secretPath, 'REDACTED', 'secrets must be base64 encoded')];
    }
    const { length } = Buffer.from(secret, 'base64');
    if (!sizes.includes(length)) {
      const text = `secret is not of the expected length, got ${length}, expected one of [${sizes.join(' ')}]`;
      errors.push(invalid(secretPath, 'REDACTED', text));
    }
    return errors;
  });
}

function mandatory(field: string, of: string): string {
  return `${field} is a mandatory field for a ${of}`;
}

function validateKms(kms: KmsConfig, path: FieldPath, names: Set<string>, reload: boolean): FieldError[] {
  const { name, endpoint, timeoutMs, apiVersion, cachesize } = kms;
  const errors: FieldError[] = [];
  const at = path.child('name');
  if (name === '') errors.push(required(at, mandatory('name', 'provider')));
  if (apiVersion !== 'v1' && name.includes(':')) {
    errors.push(invalid(at, name, `invalid KMS provider name ${name}, must not contain ':'`));
  }
  if ((reload || apiVersion !== 'v1') && names.has(name)) {
    errors.push(invalid(at, name, `duplicate KMS provider name ${name}, names must be unique`));
  }
  names.add(name);
  if (timeoutMs <= 0) {
    const text = 'timeout should be a positive value';
    errors.push(invalid(path.child('timeout'), formatGoDuration(timeoutMs), text));
  }
  errors.push(...validateEndpoint(endpoint, path.child('endpoint')));
  if (apiVersion !== 'v1' && cachesize !== undefined) {
    errors.push(invalid(path.child('cachesize'), cachesize, 'cachesize is not supported in v2'));
  }
  if (apiVersion === 'v1' && cachesize === 0) {
    const text = 'cachesize should be a positive value, or negative to disable';
    errors.push(invalid(path.child('cachesize'), cachesize, text));
  }
  if (apiVersion !== 'v1' && apiVersion !== 'v2') {
    // Upstream names the field here, not its value.
    const text = 'unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported';
    errors.push(invalid(path.child('apiVersion'), apiVersion, text));
  }
  return errors;
}

function validateEndpoint(endpoint: string, path: FieldPath): FieldError[] {
  if (endpoint === '') return [invalid(path, '', mandatory('endpoint', 'kms'))];
  let url: GoUrl;
  try {
    url = parseGoUrl(endpoint);
  } catch (error) {
    if (!(error instanceof GoUrlError)) throw error;
    return [invalid(path, endpoint, `invalid endpoint for kms provider, error: ${error.message}`)];
  }
  if (url.scheme === 'unix') return [];
  const text = `unsupported scheme ${goQuote(url.scheme)} for KMS provider, only unix is supported`;
  return [invalid(path, endpoint, text)];
}
