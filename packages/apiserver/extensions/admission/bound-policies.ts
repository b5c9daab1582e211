import type { KubeObject } from '@coxswain/machinery';
import type { AdmissionAttributes, ObjectReader } from '../../access/contract.ts';
import { type Constraints, matchConstraints } from './matcher.ts';
import { type Params, paramsOf } from './params.ts';
import type { MatchedResource } from './versioned.ts';

const group = 'admissionregistration.k8s.io';

/** A policy that a binding makes count for a request. */
export interface BoundPolicy {
  readonly policy: KubeObject;
  readonly binding: KubeObject;
  readonly params: Params;
  /** What the policy's constraints name of the request. */
  readonly matched: MatchedResource;
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
    const matched = matchConstraints(a, (policy['spec']?.matchConstraints ?? {}) as Constraints, reader);
    if (matched === undefined) continue;
    for (const binding of own) {
      const constraints = binding['spec']?.matchResources as Constraints | undefined | null;
      if (constraints != null && matchConstraints(a, constraints, reader) === undefined) continue;
      found.push({ policy, binding, params: paramsOf(policy, binding, a, reader), matched });
    }
  }
  return found;
}
