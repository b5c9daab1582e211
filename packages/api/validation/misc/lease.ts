import { forbidden, invalid } from '@coxswain/machinery';
import { blank, type Errors, type Json, nonNegative, specPath } from '../values.ts';
import { validateLeaseStrategy } from './lease-candidate.ts';

/** ValidateLeaseSpec. */
export function validateLease(errs: Errors, lease: Json): void {
  const spec: Json = lease['spec'] ?? {};
  const { leaseDurationSeconds: duration, strategy, preferredHolder } = spec;
  if (duration != null && duration <= 0) {
    errs.push(invalid(specPath.child('leaseDurationSeconds'), duration, 'must be greater than 0'));
  }
  nonNegative(errs, specPath.child('leaseTransitions'), spec['leaseTransitions']);
  if (strategy != null) validateLeaseStrategy(errs, strategy, specPath.child('strategy'));
  if (blank(preferredHolder) || !blank(strategy)) return;
  errs.push(forbidden(specPath.child('preferredHolder'), 'may only be specified if `strategy` is defined'));
}
