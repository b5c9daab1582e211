import { invalid } from '@coxswain/machinery';
import { type Errors, type Json, nonNegative, statusPath } from '../values.ts';

/** What the status of a set of pods counts. */
export interface ReplicaCounts {
  /** All that it counts, in the order in which upstream looks at it. */
  readonly all: readonly string[];
  /** Those of pods that are counted in `replicas` as well. */
  readonly ofReplicas: readonly string[];
  /** What the error about too many available ones calls the number of those that are ready. */
  readonly ready: string;
}

/** The counts of a status: none is negative, no part is more than the whole. */
export function validateReplicaCounts(
  errs: Errors,
  status: Json,
  { all, ofReplicas, ready }: ReplicaCounts,
): void {
  for (const name of all) nonNegative(errs, statusPath.child(name), status[name]);
  const replicas: number = status['replicas'] ?? 0;
  for (const name of ofReplicas) {
    if ((status[name] ?? 0) <= replicas) continue;
    errs.push(invalid(statusPath.child(name), status[name], 'cannot be greater than status.replicas'));
  }
  const available: number = status['availableReplicas'] ?? 0;
  if (available > (status['readyReplicas'] ?? 0)) {
    errs.push(invalid(statusPath.child('availableReplicas'), available, `cannot be greater than ${ready}`));
  }
}
