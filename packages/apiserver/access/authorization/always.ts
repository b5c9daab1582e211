import type { Authorizer } from '../contract.ts';
import type { RuleSource } from '../external-access.ts';
import type { PolicyRule } from './rbac/policy-rule.ts';

/** Rules of those who may do everything. */
export const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** Mode `AlwaysAllow`. */
export const alwaysAllow: Authorizer & RuleSource = {
  authorize: () => ({ decision: 'allow', reason: '' }),
  rulesFor: () => ({ rules: everything, faults: [] }),
};

/** Mode `AlwaysDeny`. */
export const alwaysDeny: Authorizer = {
  authorize: () => ({ decision: 'no-opinion', reason: 'Everything is forbidden.' }),
};
