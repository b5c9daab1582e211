import type { Authorizer } from '../contract.ts';

/** Mode `AlwaysAllow`. */
export const alwaysAllow: Authorizer = { authorize: () => ({ decision: 'allow', reason: '' }) };

/** Mode `AlwaysDeny`. */
export const alwaysDeny: Authorizer = {
  authorize: () => ({ decision: 'no-opinion', reason: 'Everything is forbidden.' }),
};
