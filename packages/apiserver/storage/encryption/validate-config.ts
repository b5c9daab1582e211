import {
  type FieldError,
  FieldPath,
  forbidden,
  GoDurationError,
  goQuote,
  invalid,
  parseGoDuration,
  required,
} from '@coxswain/machinery';
import type { EncryptionConfig, KeysConfig, KmsConfig, ProviderConfig } from './config.ts';

const aesKeySizes = [16, 24, 32];
const secretboxKeySizes = [32];
const providerNames = ['aesgcm', 'aescbc', 'secretbox', 'identity', 'kms'] as const;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** What is wrong with an encryption configuration, in upstream's words. */
export function validateEncryptionConfig(config: EncryptionConfig): FieldError[] {
  const root = FieldPath.root('resources');
  const blocks = config.resources ?? [];
  if (blocks.length === 0) return [required(root, `at least one ${root} is required`)];
  const kmsNames = new Set<string>();
  return blocks.flatMap(({ resources = [], providers = [] }, i) => {
    const errors: FieldError[] = [];
    const resourcesPath = root.index(i).child('resources');
    const providersPath = root.index(i).child('providers');
    if (resources.length === 0) {
      errors.push(required(resourcesPath, `at least one ${resourcesPath} is required`));
    }
    errors.push(...validateOverlap(resources, resourcesPath), ...validateNames(resources, resourcesPath));
    if (providers.length === 0) {
      errors.push(required(providersPath, `at least one ${providersPath} is required`));
    }
    providers.forEach((provider, j) => {
      errors.push(...validateProvider(provider, providersPath.index(j), kmsNames));
    });
    return errors;
  });
}

function validateProvider(provider: ProviderConfig, path: FieldPath, kmsNames: Set<string>): FieldError[] {
  const given = providerNames.filter((name) => provider[name] !== undefined && provider[name] !== null);
  if (given.length === 0) {
    const expected = 'KMS, AESGCM, AESCBC, Secretbox, Identity';
    return [invalid(path, provider, `provider does not contain any of the expected providers: ${expected}`)];
  }
  if (given.length > 1) {
    const text =
      'more than one provider specified in a single element, should split into different list elements';
    return [invalid(path, '', text)];
  }
  const keysOf = (name: 'aesgcm' | 'aescbc' | 'secretbox', sizes: readonly number[]): FieldError[] =>
    provider[name] === undefined ? [] : validateKeys(provider[name], path.child(name, 'keys'), sizes);
  return [
    ...keysOf('aesgcm', aesKeySizes),
    ...keysOf('aescbc', aesKeySizes),
    ...keysOf('secretbox', secretboxKeySizes),
    ...(provider.kms === undefined ? [] : validateKms(provider.kms, path.child('kms'), kmsNames)),
  ];
}

function validateKeys({ keys = [] }: KeysConfig, path: FieldPath, sizes: readonly number[]): FieldError[] {
  if (keys.length === 0) return [required(path, 'at least one keys is required')];
  return keys.flatMap(({ name = '', secret = '' }, i) => {
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(path.index(i).child('name'), mandatory('name', 'key')));
    const secretPath = path.index(i).child('secret');
    if (secret === '') return [...errors, required(secretPath, mandatory('secret', 'key'))];
    if (!base64.test(secret)) {
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

function validateKms(kms: KmsConfig, path: FieldPath, names: Set<string>): FieldError[] {
  const { name = '', endpoint = '', timeout = '3s', apiVersion = 'v1' } = kms;
  const errors: FieldError[] = [];
  if (name === '') errors.push(required(path.child('name'), mandatory('name', 'provider')));
  if (name.includes(':')) {
    errors.push(invalid(path.child('name'), name, `invalid KMS provider name ${name}, must not contain ':'`));
  }
  if (names.has(name)) {
    errors.push(
      invalid(path.child('name'), name, `duplicate KMS provider name ${name}, names must be unique`),
    );
  }
  names.add(name);
  if (!isPositive(timeout)) {
    errors.push(invalid(path.child('timeout'), timeout, 'timeout should be a positive value'));
  }
  errors.push(...validateEndpoint(endpoint, path.child('endpoint')));
  if (apiVersion === 'v1') {
    // Its feature is off unless it is asked for, and is not here.
    errors.push(
      forbidden(
        path.child('apiVersion'),
        'KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead. Set --feature-gates=KMSv1=true to use the deprecated KMSv1 feature.',
      ),
    );
  } else if (apiVersion !== 'v2') {
    const text = `unsupported apiVersion ${apiVersion} for KMS provider, only v1 and v2 are supported`;
    errors.push(invalid(path.child('apiVersion'), apiVersion, text));
  }
  return errors;
}

function validateEndpoint(endpoint: string, path: FieldPath): FieldError[] {
  if (endpoint === '') return [invalid(path, '', mandatory('endpoint', 'kms'))];
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(endpoint)?.[1]?.toLowerCase() ?? '';
  if (scheme === 'unix') return [];
  const text = `unsupported scheme ${goQuote(scheme)} for KMS provider, only unix is supported`;
  return [invalid(path, endpoint, text)];
}

/** In one list, what a wildcard covers must not be named too: it would be masked. */
function validateOverlap(resources: readonly string[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const all = resources.includes('*.*');
  const seen = new Set<string>();
  resources.forEach((resource, i) => {
    if (seen.has(resource)) {
      const text = 'the same resource cannot be specified multiple times';
      errors.push(invalid(path.index(i), resource, text));
      return;
    }
    seen.add(resource);
    const dot = resource.indexOf('.');
    const group = dot < 0 ? '' : resource.slice(dot + 1);
    const masked = !resource.startsWith('*.') && resources.includes(`*.${group}`);
    if ((all && resource !== '*.*') || masked) {
      const text =
        "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked";
      errors.push(invalid(path.index(i), resource, text));
    }
  });
  return errors;
}

function validateNames(resources: readonly string[], path: FieldPath): FieldError[] {
  return resources.flatMap((resource, i) => {
    const text = nameFault(resource);
    return text === undefined ? [] : [invalid(path.index(i), resource, text)];
  });
}

function nameFault(resource: string): string | undefined {
  if (resource !== resource.toLowerCase()) return 'resource name should not contain capital letters';
  if (resource === '*') {
    return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
  }
  const dot = resource.indexOf('.');
  const [name, group] = dot < 0 ? [resource, ''] : [resource.slice(0, dot), resource.slice(dot + 1)];
  if (
    resource === 'apiserveripinfo' ||
    resource === 'serviceipallocations' ||
    resource === 'servicenodeportallocations'
  ) {
    return 'resources which do not have REST API/s cannot be encrypted';
  }
  if (group === 'extensions') {
    return "'extensions' group has been removed and cannot be used for encryption";
  }
  if (group === 'events.k8s.io') {
    return "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file";
  }
  if (group === '*' && name !== '*') return 'encrypting the same resource across groups is not supported';
  return undefined;
}

function isPositive(duration: string): boolean {
  try {
    return parseGoDuration(duration) > 0;
  } catch (error) {
    if (error instanceof GoDurationError) return false;
    throw error;
  }
}
