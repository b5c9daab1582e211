import { duplicate, type FieldPath, invalid, required, tooLong } from '@coxswain/machinery';
import { notMoreThan100Percent, validateIntOrPercent } from '../apps/rolling-update.ts';
import { printedSelector, validateLabelSelector } from '../label-selector.ts';
import { validateLabelName } from '../object-meta.ts';
import {
  blank,
  byteLength,
  type Errors,
  type Json,
  nonNegative,
  oneOf,
  specPath,
  statusPath,
} from '../values.ts';

/**
 * ValidatePodDisruptionBudget.
 *
 * @param old the stored budget, of an update: a selector that was wrong in its values may stay so
 */
export function validatePodDisruptionBudget(errs: Errors, budget: Json, old?: Json): void {
  const spec: Json = budget['spec'] ?? {};
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = spec;
  if (minAvailable != null && maxUnavailable != null) {
    const shown = {
      MinAvailable: minAvailable,
      Selector: printedSelector(spec['selector'] ?? undefined) ?? null,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: policy ?? null,
    };
    errs.push(invalid(specPath, shown, 'minAvailable and maxUnavailable cannot be both set'));
  }
  for (const member of ['minAvailable', 'maxUnavailable']) {
    if (spec[member] == null) continue;
    validateIntOrPercent(errs, spec[member], specPath.child(member));
    notMoreThan100Percent(errs, spec[member], specPath.child(member));
  }
  const path = specPath.child('selector');
  const wrong: Errors = [];
  validateLabelSelector(wrong, old?.['spec']?.selector, path);
  validateLabelSelector(errs, spec['selector'], path, wrong.length > 0);
  if (policy != null) {
    oneOf(errs, specPath.child('unhealthyPodEvictionPolicy'), policy, ['AlwaysAllow', 'IfHealthyBudget']);
  }
}

/** ValidatePodDisruptionBudgetStatusUpdate. */
export function validatePodDisruptionBudgetStatus(errs: Errors, budget: Json): void {
  const status: Json = budget['status'] ?? {};
  validateConditions(errs, status['conditions'], statusPath.child('conditions'));
  for (const name of ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods']) {
    nonNegative(errs, statusPath.child(name), status[name]);
  }
}

const longestReason = 1024;
const longestMessage = 32 * 1024;
const reasonFormat = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const reason = new RegExp(`^${reasonFormat}$`);
const reasonMessage = `a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${reasonFormat}')`;

/** metav1's ValidateConditions. */
export function validateConditions(
  errs: Errors,
  conditions: readonly Json[] | undefined,
  path: FieldPath,
): void {
  const seen = new Set<string>();
  conditions?.forEach((condition, i) => {
    const place = path.index(i);
    const type: string = condition['type'] ?? '';
    if (seen.has(type)) errs.push(duplicate(place.child('type'), type));
    seen.add(type);
    validateLabelName(errs, type, place.child('type'));
    oneOf(errs, place.child('status'), condition['status'] ?? '', ['False', 'True', 'Unknown']);
    if (condition['observedGeneration'] < 0) {
      const message = 'must be greater than or equal to zero';
      errs.push(invalid(place.child('observedGeneration'), condition['observedGeneration'], message));
    }
    if (condition['lastTransitionTime'] == null) {
      errs.push(required(place.child('lastTransitionTime'), 'must be set'));
    }
    const text: string = condition['reason'] ?? '';
    if (blank(text)) errs.push(required(place.child('reason'), 'must be set'));
    else {
      if (!reason.test(text)) errs.push(invalid(place.child('reason'), text, reasonMessage));
      if (byteLength(text) > longestReason) errs.push(tooLong(place.child('reason'), longestReason));
    }
    if (byteLength(condition['message'] ?? '') > longestMessage) {
      errs.push(tooLong(place.child('message'), longestMessage));
    }
  });
}
