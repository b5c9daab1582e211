import type { KubeObject } from '@coxswain/machinery';
import type { AdmissionAttributes, ObjectReader } from '../../access/contract.ts';
import { type Constraints, matchesConstraints } from './matcher.ts';
import { type Params, paramsOf } from './params.ts';

const group = 'admissionregistration.k8s.io';

/** A policy that a binding makes count for a request. */
export interface BoundPolicy {
  readonly policy: KubeObject;
  readonly binding: KubeObject;
  readonly params: Params;
}

/** The policies that count for a request, with what their bindings give them, in the order of their names. */
export function boundPolicies(
  a: AdmissionAttributes,
  kind: 'mutating' | 'validating',
  reader: ObjectReader,
): readonly BoundPolicy[] {
  const bindings = reader.list({ group, resource: `${kind}admissionpolicybindings` }, '');
  if (bindings.length === 0) return [];
  const found: BoundPolicy[] = [];
  for (const policy of reader.list({ group, resource: `${kind}admissionpolicies` }, '')) {
    const own = bindings.filter((binding) => binding['spec']?.policyName === policy.metadata.name);
    if (own.length === 0) continue;
    if (!matchesConstraints(a, (policy['spec']?.matchConstraints ?? {}) as Constraints, reader)) continue;
    for (const binding of own) {
      const constraints = binding['spec']?.matchResources as Constraints | undefined | null;
      if (constraints != null && !matchesConstraints(a, constraints, reader)) continue;
      found.push({ policy, binding, params: paramsOf(policy, binding, a, reader) });
    }
  }
  return found;
}
