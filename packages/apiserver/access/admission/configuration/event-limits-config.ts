import { FieldPath, invalid } from '@coxswain/machinery';
import { throwFaults } from '../../../config-file/config-file-error.ts';
import { decodeConfig } from '../../../config-file/decode-config.ts';
import type { EventLimit } from '../event-rate-limit.ts';
import { pluginScheme } from './plugin-scheme.ts';

const scheme = pluginScheme({
  scheme: 'plugin/pkg/admission/eventratelimit/config.go',
  versions: [['eventratelimit.admission.k8s.io/v1alpha1', 'Configuration']],
  goName: 'Configuration',
  goType: '*eventratelimit.Configuration',
  fields: {
    limits: {
      list: {
        struct: 'Limit',
        fields: {
          type: { named: 'LimitType', value: 'string' },
          qps: 'int32',
          burst: 'int32',
          cacheSize: 'int32',
        },
      },
    },
  },
});

const limitTypes: readonly string[] = ['Server', 'Namespace', 'User', 'SourceAndObject'];

/** The limits of events that a configuration of EventRateLimit says. @throws {ConfigFileError} */
export function eventLimitsOf(text: string): readonly EventLimit[] {
  const { limits = [] } = decodeConfig(text, scheme).object;
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
