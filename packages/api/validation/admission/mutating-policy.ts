import { type FieldPath, invalid, notSupported, required } from '@coxswain/machinery';
import { type ExpressionFaults, reportExpression } from '../expression-faults.ts';
import { blank, type Errors, type Json, oneOf, specPath } from '../values.ts';
import {
  validateConstraints,
  validateFailurePolicy,
  validateParamKind,
  validatePolicyConditions,
  validateVariables,
} from './policy-spec.ts';
import { validateMutableOperations } from './rules.ts';

const patchTypes = ['ApplyConfiguration', 'JSONPatch'];

/**
 * ValidateMutatingAdmissionPolicy without the metadata.
 * @param old the stored policy, of an update
 */
export function validateMutatingPolicy(
  errs: Errors,
  policy: Json,
  old?: Json,
  faults?: ExpressionFaults,
): void {
  const spec: Json = policy['spec'] ?? {};
  validateFailurePolicy(errs, spec);
  validateParamKind(errs, spec);
  validateConstraints(errs, spec);
  validateMutableOperations(errs, spec['matchConstraints'], specPath.child('matchConstraints'));
  validatePolicyConditions(errs, spec, old?.['spec'], faults);
  validateVariables(errs, spec, faults);
  const mutations: readonly Json[] = spec['mutations'] ?? [];
  if (mutations.length === 0) {
    errs.push(required(specPath.child('mutations'), 'mutations must contain at least one item'));
  }
  mutations.forEach((mutation, i) => {
    validateMutation(errs, mutation, specPath.child('mutations').index(i), faults);
  });
  if (blank(spec['reinvocationPolicy'])) errs.push(required(specPath.child('reinvocationPolicy')));
  else oneOf(errs, specPath.child('reinvocationPolicy'), spec['reinvocationPolicy'], ['IfNeeded', 'Never']);
}

function validateMutation(
  errs: Errors,
  mutation: Json,
  path: FieldPath,
  faults: ExpressionFaults | undefined,
): void {
  const type: string = mutation['patchType'] ?? '';
  if (type === '') {
    errs.push(required(path.child('patchType')));
    return;
  }
  if (!patchTypes.includes(type)) {
    errs.push(notSupported(path.child('patchType'), type, patchTypes));
    return;
  }
  const [member, other] =
    type === 'JSONPatch' ? ['jsonPatch', 'applyConfiguration'] : ['applyConfiguration', 'jsonPatch'];
  const place = path.child(member!);
  const patch: Json | undefined = mutation[member!];
  if (patch == null) errs.push(required(place, `must be specified when patchType is ${type}`));
  else if (blank(patch['expression']?.trim())) errs.push(required(place.child('expression')));
  else reportExpression(errs, faults, place.child('expression'));
  if (mutation[other!] == null) return;
  const message = `must not be specified when patchType is ${type}`;
  errs.push(invalid(path.child(other!), `{${other}}`, message));
}
