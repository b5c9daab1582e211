import type { ResourceHooks } from '../hooks.ts';

/** Pods go gracefully: on a node after their grace period, elsewhere at once. */
export const podHooks: ResourceHooks = {
  gracePeriod: (pod, asked) => {
    const phase = pod['status']?.phase;
    if ((pod['spec']?.nodeName ?? '') === '' || phase === 'Failed' || phase === 'Succeeded') return 0;
    const period = asked ?? pod['spec']?.terminationGracePeriodSeconds ?? 0;
    return period < 0 ? 1 : period;
  },
};
