import type { ResourceHooks } from '../hooks.ts';

/** Jobs leave their pods behind by default, which surprises. */
export const jobHooks: ResourceHooks = {
  deletionWarning: ({ propagationPolicy, orphanDependents }) =>
    propagationPolicy === undefined && orphanDependents === undefined
      ? 'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning'
      : undefined,
};
