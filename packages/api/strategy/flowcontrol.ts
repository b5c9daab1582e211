import { validateConditionTypes } from '../validation/flowcontrol/conditions.ts';
import { validateFlowSchema } from '../validation/flowcontrol/flow-schema.ts';
import { validatePriorityLevel } from '../validation/flowcontrol/priority-level.ts';
import { ensure, type Json } from '../validation/values.ts';
import type { KindRules } from './contract.ts';
import { resetMetaForStatus } from './generic.ts';

const status = { prepare: resetMetaForStatus, validate: validateConditionTypes };

export const flowSchemaRules: KindRules = {
  generation: true,
  defaults: (schema) => {
    ensure(schema, 'spec')['matchingPrecedence'] ||= 1000;
  },
  validate: validateFlowSchema,
  update: { asNew: true, metaOnce: true },
  subresources: { status },
};

export const priorityLevelRules: KindRules = {
  generation: true,
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
  validate: validatePriorityLevel,
  update: { asNew: true, metaOnce: true },
  subresources: { status },
};
