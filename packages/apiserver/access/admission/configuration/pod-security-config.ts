import { dnsSubdomainName } from '@coxswain/api';
import { duplicate, type FieldError, FieldPath, invalid } from '@coxswain/machinery';
import { throwFaults } from '../../../config-file/config-file-error.ts';
import type { ConfigValue } from '../../../config-file/config-type.ts';
import { decodeConfig } from '../../../config-file/decode-config.ts';
import type { PodSecurityConfig } from '../pod-security/configuration.ts';
import {
  isLevel,
  isVersion,
  type LevelVersion,
  levelFault,
  type PolicyMode,
  versionFault,
} from '../pod-security/policy.ts';
import { pluginScheme } from './plugin-scheme.ts';

const names: ConfigValue = { list: 'string' };
const group = 'pod-security.admission.config.k8s.io';
const kind = 'PodSecurityConfiguration';

const scheme = pluginScheme({
  scheme: 'k8s.io/pod-security-admission/admission/api/scheme/scheme.go',
  versions: [
    [`${group}/v1`, kind],
    [`${group}/v1beta1`, kind],
    [`${group}/v1alpha1`, kind],
  ],
  goName: kind,
  goType: `*api.${kind}`,
  fields: {
    defaults: {
      struct: 'PodSecurityDefaults',
      fields: {
        enforce: 'string',
        'enforce-version': 'string',
        audit: 'string',
        'audit-version': 'string',
        warn: 'string',
        'warn-version': 'string',
      },
    },
    exemptions: {
      struct: 'PodSecurityExemptions',
      fields: { usernames: names, namespaces: names, runtimeClasses: names },
    },
  },
});

/**
 * What the configuration of PodSecurity says; absent parts are open.
 * @throws {ConfigFileError} when it says what means nothing
 */
export function podSecurityConfigOf(text: string): PodSecurityConfig {
  const { defaults = {}, exemptions = {} } = text === '' ? {} : decodeConfig(text, scheme).object;
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
