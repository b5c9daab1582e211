import { invalid } from '@coxswain/machinery';
import { type Errors, type Json, nonNegative, specPath } from '../values.ts';

/** ValidateLeaseSpec. */
export function validateLease(errs: Errors, lease: Json): void {
  const { leaseDurationSeconds: duration, leaseTransitions: transitions } = lease['spec'] ?? {};
  if (duration != null && duration <= 0) {
    errs.push(invalid(specPath.child('leaseDurationSeconds'), duration, 'must be greater than 0'));
  }
  nonNegative(errs, specPath.child('leaseTransitions'), transitions);
}
