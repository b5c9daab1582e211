import type { Json } from '../values.ts';

/** What every API server relies on: the specs of these objects are fixed. */

const everything = [
  {
    verbs: ['*'],
    apiGroups: ['*'],
    resources: ['*'],
    clusterScope: true,
    namespaces: ['*'],
  },
];
const everyPath = [{ verbs: ['*'], nonResourceURLs: ['*'] }];
const group = (name: string): Json => ({ kind: 'Group', group: { name } });

export const mandatoryFlowSchemas: Readonly<Record<string, Json>> = {
  exempt: {
    priorityLevelConfiguration: { name: 'exempt' },
    matchingPrecedence: 1,
    rules: [{ subjects: [group('system:masters')], resourceRules: everything, nonResourceRules: everyPath }],
  },
  'catch-all': {
    priorityLevelConfiguration: { name: 'catch-all' },
    matchingPrecedence: 10_000,
    distinguisherMethod: { type: 'ByUser' },
    rules: [
      {
        subjects: [group('system:unauthenticated'), group('system:authenticated')],
        resourceRules: everything,
        nonResourceRules: everyPath,
      },
    ],
  },
};

export const mandatoryPriorityLevels: Readonly<Record<string, Json>> = {
  exempt: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  'catch-all': {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: 5,
      limitResponse: { type: 'Reject' },
      lendablePercent: 0,
    },
  },
};
