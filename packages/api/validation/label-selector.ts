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
    const { operator, values } = expression;
    if (operator === 'In' || operator === 'NotIn') {
      if (sizeOf(values) === 0) {
        errs.push(required(place.child('values'), "must be specified when `operator` is 'In' or 'NotIn'"));
      }
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (sizeOf(values) > 0) {
        errs.push(
          forbidden(
            place.child('values'),
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          ),
        );
      }
    } else {
      errs.push(invalid(place.child('operator'), operator ?? '', 'not a valid selector operator'));
    }
    validateLabelName(errs, expression['key'], place.child('key'));
    if (allowInvalidValues) continue;
    for (let j = 0; j < sizeOf(values); j++) {
      addInvalid(errs, place.child('values').index(j), values[j], isValidLabelValue(values[j]));
    }
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
