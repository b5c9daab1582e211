import type { ConfigValue } from '../../../config-file/config-type.ts';
import { decodeConfig } from '../../../config-file/decode-config.ts';
import type { PodTolerationConfig } from '../pod-toleration-restriction.ts';
import { pluginScheme } from './plugin-scheme.ts';

const tolerations: ConfigValue = { list: 'any' };

const scheme = pluginScheme({
  scheme: 'plugin/pkg/admission/podtolerationrestriction/config.go',
  versions: [['podtolerationrestriction.admission.k8s.io/v1alpha1', 'Configuration']],
  goName: 'Configuration',
  goType: '*podtolerationrestriction.Configuration',
  fields: { default: tolerations, whitelist: tolerations },
});

/** What a configuration of PodTolerationRestriction says. @throws {ConfigFileError} */
export function podTolerationsOf(text: string): PodTolerationConfig {
  const { default: defaults = [], whitelist = [] } = decodeConfig(text, scheme).object;
  return { defaults, allowed: whitelist };
}
