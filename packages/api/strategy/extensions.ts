import {
  validateApiService,
  validateApiServiceStatusUpdate,
  validateApiServiceUpdate,
} from '../validation/admission/api-service.ts';
import { validateDefinitionStatus } from '../validation/admission/custom-resource-definition.ts';
import { ensure, type Json } from '../validation/values.ts';
import type { KindRules } from './contract.ts';
import { carryOver } from './generic.ts';

/** All that a definition must satisfy takes a compiler of schemas: who serves custom resources checks it. */
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
  update: {
    prepare: (definition, old) => {
      const storage: Json | undefined = definition['spec'].versions?.find((v: Json) => v['storage']);
      const stored: string[] = old['status']?.storedVersions ?? [];
      if (storage === undefined || stored.includes(storage['name'])) return;
      definition['status'] = { ...old['status'], storedVersions: [...stored, storage['name']] };
    },
  },
  subresources: { status: { validate: validateDefinitionStatus } },
};

/** What nobody but this server serves is available by itself. */
const localCondition = {
  type: 'Available',
  status: 'True',
  reason: 'Local',
  message: 'Local APIServices are always available',
};

export const apiServiceRules: KindRules = {
  checksMeta: true,
  standardFinalizers: false,
  defaults: (service) => {
    const reference: Json | undefined = service['spec']?.service;
    if (reference) reference['port'] ??= 443;
  },
  prepareForCreate: (service, { now }) => {
    if (service['spec']?.service != null) return;
    service['status'] = { conditions: [{ ...localCondition, lastTransitionTime: now }] };
  },
  validate: validateApiService,
  update: { validate: validateApiServiceUpdate },
  subresources: {
    status: {
      prepare: (service, old) => {
        for (const member of ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const) {
          carryOver(service.metadata, old.metadata, member);
        }
      },
      validate: validateApiServiceStatusUpdate,
    },
  },
};
