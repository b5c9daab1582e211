import { ensure, type Json } from '../validation/values.ts';
import type { KindRules } from './contract.ts';

export const flowSchemaRules: KindRules = {
  standardFinalizers: false,
  generation: true,
  allowUnconditionalUpdate: true,
  defaults: (schema) => {
    ensure(schema, 'spec')['matchingPrecedence'] ||= 1000;
  },
};

export const priorityLevelRules: KindRules = {
  standardFinalizers: false,
  generation: true,
  allowUnconditionalUpdate: true,
  defaults: (level) => {
    const spec: Json = ensure(level, 'spec');
    if (spec['type'] === 'Exempt') ensure(spec, 'exempt');
    if (spec['exempt']) {
      spec['exempt'].nominalConcurrencyShares ??= 0;
      spec['exempt'].lendablePercent ??= 0;
    }
    const limited: Json | undefined = spec['limited'];
    if (!limited) return;
    limited['nominalConcurrencyShares'] ??= 30;
    limited['lendablePercent'] ??= 0;
    const queuing: Json | undefined = limited['limitResponse']?.queuing;
    if (!queuing) return;
    queuing['handSize'] ||= 8;
    queuing['queues'] ||= 64;
    queuing['queueLengthLimit'] ||= 50;
  },
};

/** A request for devices is for exactly one unless it says otherwise. */
function defaultDeviceRequests(devices: Json | undefined): void {
  for (const request of devices?.['requests'] ?? []) {
    const wanted: readonly Json[] = [request.exactly ?? request, ...(request.firstAvailable ?? [])];
    for (const one of wanted) {
      if (one['deviceClassName'] === undefined) continue;
      one['allocationMode'] ||= 'ExactCount';
      if (one['allocationMode'] === 'ExactCount') one['count'] ||= 1;
    }
  }
}

export const resourceClaimRules: KindRules = {
  allowUnconditionalUpdate: true,
  defaults: (claim) => defaultDeviceRequests(claim['spec']?.devices),
};

export const resourceClaimTemplateRules: KindRules = {
  allowUnconditionalUpdate: true,
  defaults: (template) => defaultDeviceRequests(template['spec']?.spec?.devices),
};

export const generationOnlyRules: KindRules = { generation: true, allowUnconditionalUpdate: true };
