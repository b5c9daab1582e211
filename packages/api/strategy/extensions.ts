import {
  validateApiService,
  validateApiServiceStatusUpdate,
  validateApiServiceUpdate,
} from '../validation/admission/api-service.ts';
import { validateDefinitionStatus } from '../validation/admission/custom-resource-definition.ts';
import { ensure, type Json } from '../validation/values.ts';
import type { KindRules } from './contract.ts';
import { carryOver } from './generic.ts';

function storageVersion(definition: Json): string | undefined {
  return definition['spec']?.versions?.find((version: Json) => version['storage'])?.name;
}

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
    spec['conversion'] ??= { strategy: 'None' };
    const service: Json | undefined = spec['conversion'].webhook?.clientConfig?.service;
    if (service) service['port'] ??= 443;
    const stored = definition['status']?.storedVersions;
    const storage = storageVersion(definition);
    if ((stored?.length ?? 0) === 0 && storage !== undefined) {
      ensure(definition, 'status')['storedVersions'] = [storage];
    }
  },
  prepareForCreate: (definition) => {
    const storage = storageVersion(definition);
    if (storage !== undefined) ensure(definition, 'status')['storedVersions'] = [storage];
  },
  update: {
    prepare: (definition, old) => {
      const storage = storageVersion(definition);
      const stored: string[] = old['status']?.storedVersions ?? [];
      if (storage === undefined || stored.includes(storage)) return;
      definition['status'] = { ...old['status'], storedVersions: [...stored, storage] };
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
