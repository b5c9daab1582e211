import type { FieldPath } from '@coxswain/machinery';
import { type Errors, requiredOneOf } from '../../values.ts';

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

export function validatePullPolicy(errs: Errors, policy: string | undefined, path: FieldPath): void {
  if (policy === 'IfNotPresent' || policy === 'Always') return;
  requiredOneOf(errs, path, policy, pullPolicies);
}

const messagePolicies = ['File', 'FallbackToLogsOnError'];

export function validateTerminationMessagePolicy(
  errs: Errors,
  policy: string | undefined,
  path: FieldPath,
): void {
  if (policy !== 'File') requiredOneOf(errs, path, policy, messagePolicies);
}

export const protocols = ['SCTP', 'TCP', 'UDP'];

export function validateProtocol(errs: Errors, protocol: string | undefined, path: FieldPath): void {
  if (protocol !== 'TCP') requiredOneOf(errs, path, protocol, protocols);
}
