import { FieldPath, required } from '@coxswain/machinery';
import { throwFaults } from '../../../config-file/config-file-error.ts';
import type { ConfigValue } from '../../../config-file/config-type.ts';
import { decodeConfig } from '../../../config-file/decode-config.ts';
import type { LimitedResource } from '../resource-quota/limited-resources.ts';
import { pluginScheme } from './plugin-scheme.ts';

const scopeRequirement: ConfigValue = {
  struct: 'ScopedResourceSelectorRequirement',
  fields: {
    scopeName: { named: 'ResourceQuotaScope', value: 'string' },
    operator: { named: 'ScopeSelectorOperator', value: 'string' },
    values: { list: 'string' },
  },
};

const oldGroup = 'resourcequota.admission.k8s.io';

const scheme = pluginScheme({
  scheme: 'k8s.io/apiserver/pkg/admission/plugin/resourcequota/config.go:31',
  versions: [
    ['apiserver.config.k8s.io/v1', 'ResourceQuotaConfiguration'],
    [`${oldGroup}/v1beta1`, 'Configuration'],
    [`${oldGroup}/v1alpha1`, 'Configuration'],
  ],
  goName: 'Configuration',
  goType: '*resourcequota.Configuration',
  fields: {
    limitedResources: {
      list: {
        struct: 'LimitedResource',
        fields: {
          apiGroup: 'string',
          resource: 'string',
          matchContains: { list: 'string' },
          matchScopes: { list: scopeRequirement },
        },
      },
    },
  },
});

/** What a configuration of ResourceQuota limits where no quota is. @throws {ConfigFileError} */
export function limitedResourcesOf(text: string): readonly LimitedResource[] {
  const { limitedResources = [] } = decodeConfig(text, scheme).object;
  const path = FieldPath.root('limitedResources');
  throwFaults(
    limitedResources.flatMap(({ resource = '' }: Record<string, string>, i: number) =>
      resource === '' ? [required(path.index(i).child('resource'))] : [],
    ),
  );
  return limitedResources.map(
    ({ apiGroup = '', resource, matchContains = [], matchScopes = [] }: Record<string, any>) => ({
      group: apiGroup,
      resource,
      matchContains,
      matchScopes: matchScopes.map(({ scopeName = '', operator = '', values = [] }) => ({
        scopeName,
        operator,
        values,
      })),
    }),
  );
}
