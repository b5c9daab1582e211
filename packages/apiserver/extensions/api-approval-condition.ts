import type { Condition, Definition } from './definition.ts';
import { apiApprovalOf, isProtectedGroup } from './validation/api-approval.ts';

const approvals = {
  missing: { status: 'False', reason: 'MissingAnnotation' },
  bypassed: { status: 'False', reason: 'UnapprovedAnnotation' },
  approved: { status: 'True', reason: 'ApprovedAnnotation' },
  invalid: { status: 'False', reason: 'InvalidAnnotation' },
} as const;

/** The word on groups of the Kubernetes project itself; undefined for all others. */
export function approvalCondition(definition: Definition): Condition | undefined {
  if (!isProtectedGroup(definition.spec.group)) return undefined;
  const { state, text } = apiApprovalOf(definition);
  return { type: 'KubernetesAPIApprovalPolicyConformant', ...approvals[state], message: text };
}
