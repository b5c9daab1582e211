import { type FieldPath, required, tooMany } from '@coxswain/machinery';
import { type Errors, type Json, oneOf, sizeOf } from '../../values.ts';

const restartPolicies = ['Always', 'Never', 'OnFailure'];
const maxRestartRules = 20;
const maxExitCodes = 255;

const rulesNeedPolicy = 'must specify restartPolicy when restart rules are used';

/** Of an init container without a policy the rules are not looked at. */
export function validateInitRestartRules(errs: Errors, container: Json, path: FieldPath): void {
  if (container['restartPolicy'] != null) validateRestartRules(errs, container, path);
  else if (sizeOf(container['restartPolicyRules']) > 0) {
    errs.push(required(path.child('restartPolicy'), rulesNeedPolicy));
  }
}

/** A container's own restart policy and the exceptions from it. */
export function validateRestartRules(errs: Errors, container: Json, path: FieldPath): void {
  const policy: string | undefined = container['restartPolicy'];
  const rules: readonly Json[] = container['restartPolicyRules'] ?? [];
  if (policy == null) {
    if (rules.length === 0) return;
    errs.push(required(path.child('restartPolicy'), rulesNeedPolicy));
  } else {
    oneOf(errs, path.child('restartPolicy'), policy, restartPolicies);
  }
  const place = path.child('restartPolicyRules');
  if (rules.length > maxRestartRules) errs.push(tooMany(place, rules.length, maxRestartRules));
  rules.forEach((rule, i) => {
    oneOf(errs, place.index(i).child('action'), rule['action'] ?? '', ['Restart', 'RestartAllContainers']);
    const codes: Json | undefined = rule['exitCodes'];
    const codesPath = place.index(i).child('exitCodes');
    if (codes == null) {
      errs.push(required(codesPath, 'must be specified'));
      return;
    }
    oneOf(errs, codesPath.child('operator'), codes['operator'] ?? '', ['In', 'NotIn']);
    const count = sizeOf(codes['values']);
    if (count > maxExitCodes) errs.push(tooMany(codesPath.child('values'), count, maxExitCodes));
  });
}
