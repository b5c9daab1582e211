import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FieldPath, goQuote, invalid, required } from '@coxswain/machinery';
import { AccessConfigError, throwFaults } from '../../config-file/config-file-error.ts';
import { type ConfigKind, decodeConfigValue, parseConfig } from '../../config-file/decode-config.ts';
import type { EventLimit } from '../event-rate-limit.ts';
import type { ImagePolicyConfig } from '../image-policy-webhook.ts';
import type { Toleration } from '../pod-toleration-restriction.ts';
import type { AdmissionConfig } from './admission-config.ts';
import { podSecurityConfigOf } from './pod-security-config.ts';

const admissionConfiguration: ConfigKind = {
  kind: 'AdmissionConfiguration',
  versions: ['v1', 'v1alpha1'],
  fields: { plugins: { list: { fields: { name: 'string', path: 'string', configuration: 'any' } } } },
};

const eventRateLimits: ConfigKind = {
  group: 'eventratelimit.admission.k8s.io',
  kind: 'Configuration',
  versions: ['v1alpha1'],
  fields: {
    limits: { list: { fields: { type: 'string', qps: 'number', burst: 'number', cacheSize: 'number' } } },
  },
};

const tolerationConfiguration: ConfigKind = {
  group: 'podtolerationrestriction.admission.k8s.io',
  kind: 'Configuration',
  versions: ['v1alpha1'],
  fields: { default: { list: 'any' }, whitelist: { list: 'any' } },
};

/** What a plugin's configuration becomes; `path` is the file that relative ones in it are beside. */
type Reader = (value: unknown, path: string) => AdmissionConfig;

const readers: Readonly<Record<string, Reader>> = {
  PodSecurity: (value) => ({ podSecurity: podSecurityConfigOf(value) }),
  PodNodeSelector: (value) => ({
    podNodeSelector: textsOf(plain(value)['podNodeSelectorPluginConfig'], 'podNodeSelectorPluginConfig'),
  }),
  PodTolerationRestriction: (value) => {
    const decoded = decodeConfigValue(value, tolerationConfiguration);
    const list = (name: string): readonly Toleration[] => decoded[name] ?? [];
    return { podTolerations: { defaults: list('default'), allowed: list('whitelist') } };
  },
  EventRateLimit: (value) => ({ eventLimits: eventLimitsOf(decodeConfigValue(value, eventRateLimits)) }),
  ImagePolicyWebhook: (value, path) => ({ imagePolicy: imagePolicyOf(plain(value)['imagePolicy'], path) }),
};

/**
 * Reads an AdmissionConfiguration and the files that it names.
 * @throws {AccessConfigError} when it cannot be used
 */
export function readAdmissionConfig(path: string): AdmissionConfig {
  const { plugins = [] } = decodeConfigValue(parseConfig(textOf(path)), admissionConfiguration);
  let config: AdmissionConfig = {};
  for (const { name = '', path: file = '', configuration } of plugins) {
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (read === undefined)
      throw new AccessConfigError(`admission plugin ${goQuote(name)} takes no configuration`);
    const at = file === '' ? path : resolve(dirname(path), file);
    try {
      config = { ...config, ...read(file === '' ? configuration : parseConfig(textOf(at)), at) };
    } catch (error) {
      if (!(error instanceof AccessConfigError)) throw error;
      throw new AccessConfigError(`couldn't init admission plugin ${goQuote(name)}: ${error.message}`);
    }
  }
  return config;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file or directory' : String(error);
    throw new AccessConfigError(
      `unable to read admission control configuration from ${goQuote(path)} [open ${path}: ${why}]`,
    );
  }
}

function plain(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function textsOf(value: unknown, what: string): Record<string, string> {
  const entries = Object.entries(plain(value));
  const wrong = entries.find(([, text]) => typeof text !== 'string');
  if (wrong !== undefined) throw new AccessConfigError(`${what}.${wrong[0]} is no text`);
  return Object.fromEntries(entries) as Record<string, string>;
}

const limitTypes: readonly string[] = ['Server', 'Namespace', 'User', 'SourceAndObject'];

function eventLimitsOf({ limits = [] }: Readonly<Record<string, any>>): readonly EventLimit[] {
  const errors = [];
  const path = FieldPath.root('limits');
  if (limits.length === 0) errors.push(invalid(path, limits, 'must not be empty'));
  for (const [i, limit] of limits.entries()) {
    const at = path.index(i);
    const { type = '', qps = 0, burst = 0, cacheSize = 0 } = limit;
    if (!limitTypes.includes(type))
      errors.push(invalid(at.child('type'), type, `must be one of ${limitTypes.join(', ')}`));
    if (burst <= 0) errors.push(invalid(at.child('burst'), burst, 'must be positive'));
    if (qps <= 0) errors.push(invalid(at.child('qps'), qps, 'must be positive'));
    if (type !== 'Server' && cacheSize < 0)
      errors.push(invalid(at.child('cacheSize'), cacheSize, 'must not be negative'));
  }
  throwFaults(errors);
  return limits.map(({ type, qps, burst, cacheSize = 0 }: EventLimit) => ({ type, qps, burst, cacheSize }));
}

const minute = 60;
/** Seconds: default, least and most that an answer holds, and milliseconds that are waited between tries. */
const ttl = { usual: 5 * minute, least: 1, most: 30 * minute } as const;

function imagePolicyOf(value: unknown, path: string): ImagePolicyConfig {
  const {
    kubeConfigFile = '',
    allowTTL = 0,
    denyTTL = 0,
    defaultAllow = false,
  } = plain(value) as Record<string, any>;
  const root = FieldPath.root('imagePolicy');
  if (kubeConfigFile === '') throwFaults([required(root.child('kubeConfigFile'), 'no kubeconfig was given')]);
  return {
    kubeConfigFile: resolve(dirname(path), kubeConfigFile),
    allowTtlMs: secondsOf(allowTTL, 'allowTTL') * 1000,
    denyTtlMs: secondsOf(denyTTL, 'denyTTL') * 1000,
    defaultAllow: defaultAllow === true,
  };
}

/** -1: answers are not kept; 0: as usual. */
function secondsOf(given: number, name: string): number {
  if (given === -1) return 0;
  if (given === 0) return ttl.usual;
  if (given >= ttl.least && given <= ttl.most) return given;
  throw new AccessConfigError(
    `valid value is between ${ttl.least}s and ${ttl.most / minute}m0s, got ${given}s for ${name}`,
  );
}
