import { dnsSubdomainName } from '@coxswain/api';
import { duplicate, type FieldError, FieldPath, invalid } from '@coxswain/machinery';
import { throwFaults } from '../../config-file/config-file-error.ts';
import { type ConfigKind, decodeConfigValue } from '../../config-file/decode-config.ts';
import type { PodSecurityConfig } from '../pod-security/configuration.ts';
import {
  isLevel,
  isVersion,
  type LevelVersion,
  levelFault,
  type PolicyMode,
  versionFault,
} from '../pod-security/policy.ts';

const names: ConfigKind['fields'][string] = { list: 'string' };

const podSecurityConfiguration: ConfigKind = {
  group: 'pod-security.admission.config.k8s.io',
  kind: 'PodSecurityConfiguration',
  versions: ['v1', 'v1beta1', 'v1alpha1'],
  fields: {
    defaults: {
      fields: {
        enforce: 'string',
        'enforce-version': 'string',
        audit: 'string',
        'audit-version': 'string',
        warn: 'string',
        'warn-version': 'string',
      },
    },
    exemptions: { fields: { usernames: names, runtimeClasses: names, namespaces: names } },
  },
};

/**
 * What the configuration of PodSecurity says; absent parts are open.
 * @throws {AccessConfigError} when it says what means nothing
 */
export function podSecurityConfigOf(value: unknown): PodSecurityConfig {
  const { defaults = {}, exemptions = {} } =
    value == null ? {} : decodeConfigValue(value, podSecurityConfiguration);
  const errors: FieldError[] = [];
  const root = FieldPath.root('defaults');
  const modeOf = (mode: PolicyMode): LevelVersion => {
    const level: string = defaults[mode] || 'privileged';
    const version: string = defaults[`${mode}-version`] || 'latest';
    if (!isLevel(level)) errors.push(invalid(root.child(mode), level, levelFault));
    if (!isVersion(version)) errors.push(invalid(root.child(`${mode}-version`), version, versionFault));
    return { level: level as LevelVersion['level'], version };
  };
  const policy = { enforce: modeOf('enforce'), audit: modeOf('audit'), warn: modeOf('warn') };
  const exempt = (field: string, fault: (name: string) => readonly string[]): ReadonlySet<string> => {
    const seen = new Set<string>();
    for (const [i, name] of (exemptions[field] ?? []).entries()) {
      const path = FieldPath.root('exemptions', field).index(i);
      for (const text of fault(name)) errors.push(invalid(path, name, text));
      if (seen.has(name)) errors.push(duplicate(path, name));
      seen.add(name);
    }
    return seen;
  };
  const config: PodSecurityConfig = {
    defaults: policy,
    namespaces: exempt('namespaces', (name) => dnsSubdomainName(name, false)),
    runtimeClasses: exempt('runtimeClasses', (name) => dnsSubdomainName(name, false)),
    usernames: exempt('usernames', (name) => (name === '' ? ['username must not be empty'] : [])),
  };
  throwFaults(errors);
  return config;
}
