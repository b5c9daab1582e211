import { type FieldPath, forbidden, invalid, isValidLabelValue, required } from '@coxswain/machinery';
import { validateLabelName, validateLabels } from './object-meta.ts';
import { addInvalid, type Errors, type Json, sizeOf, sortedMap } from './values.ts';

/** metav1's ValidateLabelSelector; an absent selector is fine here. */
export function validateLabelSelector(
  errs: Errors,
  selector: Json | undefined,
  path: FieldPath,
  allowInvalidValues = false,
): void {
  if (selector == null) return;
  validateLabels(errs, selector['matchLabels'], path.child('matchLabels'));
  const expressions: Json[] = selector['matchExpressions'] ?? [];
  for (let i = 0; i < expressions.length; i++) {
    const expression = expressions[i]!;
    const place = path.child('matchExpressions').index(i);
    validateSelectorOperator(errs, expression, place);
    validateLabelName(errs, expression['key'], place.child('key'));
    if (!allowInvalidValues) validateSelectorValues(errs, expression['values'], place);
  }
}

/** One requirement of a selector by labels of an access review, whose operator a newer client may know alone. */
export function validateReviewedLabels(errs: Errors, requirement: Json, path: FieldPath): void {
  validateSelectorOperator(errs, requirement, path, true);
  validateLabelName(errs, requirement['key'], path.child('key'));
  validateSelectorValues(errs, requirement['values'], path);
}

/** The same of a selector by fields. */
export function validateReviewedFields(errs: Errors, requirement: Json, path: FieldPath): void {
  if (!requirement['key']) errs.push(required(path.child('key'), 'must be specified'));
  validateSelectorOperator(errs, requirement, path, true);
}

function validateSelectorOperator(
  errs: Errors,
  { operator, values }: Json,
  path: FieldPath,
  allowUnknown = false,
): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (sizeOf(values) > 0) return;
    errs.push(required(path.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (sizeOf(values) === 0) return;
    const detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
    errs.push(forbidden(path.child('values'), detail));
  } else if (!allowUnknown) {
    errs.push(invalid(path.child('operator'), operator ?? '', 'not a valid selector operator'));
  }
}

function validateSelectorValues(errs: Errors, values: Json | undefined, path: FieldPath): void {
  for (let j = 0; j < sizeOf(values); j++) {
    addInvalid(errs, path.child('values').index(j), values?.[j], isValidLabelValue(values?.[j]));
  }
}

/** Whether a selector has neither labels nor expressions. */
export function isEmptyLabelSelector(selector: Json): boolean {
  return sizeOf(selector['matchLabels']) + sizeOf(selector['matchExpressions']) === 0;
}

/** A selector as Go prints it: members in the struct's order, labels sorted, empty ones left out. */
export function printedSelector(selector: Json | undefined): Json | undefined {
  if (selector == null) return undefined;
  const out: Json = {};
  if (sizeOf(selector['matchLabels']) > 0) out['matchLabels'] = sortedMap(selector['matchLabels']);
  if (sizeOf(selector['matchExpressions']) > 0) {
    out['matchExpressions'] = selector['matchExpressions'].map((e: Json) => ({
      key: e['key'] ?? '',
      operator: e['operator'] ?? '',
      ...(sizeOf(e['values']) > 0 ? { values: e['values'] } : {}),
    }));
  }
  return out;
}

/**
 * Whether labels satisfy a selector; undefined when the selector cannot be compiled.
 * An absent selector matches nothing, an empty one everything.
 */
export function labelSelectorMatches(selector: Json | undefined, labels: Json): boolean | undefined {
  if (selector == null) return false;
  let result = true;
  const wanted: Json = selector['matchLabels'] ?? {};
  for (const key of Object.keys(wanted)) if (labels[key] !== wanted[key]) result = false;
  for (const { key, operator, values } of (selector['matchExpressions'] ?? []) as Json[]) {
    const has = Object.hasOwn(labels, key);
    const count = sizeOf(values);
    if (operator === 'In') {
      if (count === 0) return undefined;
      if (!has || !values.includes(labels[key])) result = false;
    } else if (operator === 'NotIn') {
      if (count === 0) return undefined;
      if (has && values.includes(labels[key])) result = false;
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (count > 0) return undefined;
      if (has !== (operator === 'Exists')) result = false;
    } else {
      return undefined;
    }
  }
  return result;
}
