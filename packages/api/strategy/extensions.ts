import {
  validateDefinition,
  validateDefinitionUpdate,
} from '../validation/admission/custom-resource-definition.ts';
import { ensure, type Json } from '../validation/values.ts';
import type { KindRules } from './contract.ts';

export const definitionRules: KindRules = {
  checksMeta: true,
  standardFinalizers: false,
  generation: true,
  defaults: (definition) => {
    const spec: Json = ensure(definition, 'spec');
    const names: Json = ensure(spec, 'names');
    if (names['kind']) {
      names['singular'] ||= String(names['kind']).toLowerCase();
      names['listKind'] ||= `${names['kind']}List`;
    }
    const conversion: Json = ensure(spec, 'conversion');
    conversion['strategy'] ||= 'None';
    const service: Json | undefined = conversion['webhook']?.clientConfig?.service;
    if (service) service['port'] ??= 443;
  },
  prepareForCreate: (definition) => {
    const storage: Json | undefined = definition['spec'].versions?.find((v: Json) => v['storage']);
    const status: Json = ensure(definition, 'status');
    if (storage !== undefined) status['storedVersions'] = [storage['name']];
  },
  validate: validateDefinition,
  update: {
    prepare: (definition, old) => {
      const storage: Json | undefined = definition['spec'].versions?.find((v: Json) => v['storage']);
      const stored: string[] = old['status']?.storedVersions ?? [];
      if (storage === undefined || stored.includes(storage['name'])) return;
      definition['status'] = { ...old['status'], storedVersions: [...stored, storage['name']] };
    },
    validate: validateDefinitionUpdate,
  },
};

export const apiServiceRules: KindRules = {
  standardFinalizers: false,
  defaults: (service) => {
    const reference: Json | undefined = service['spec']?.service;
    if (reference) reference['port'] ??= 443;
  },
};
