import { type FieldPath, forbidden, invalid, isValidLabelValue, required } from '@coxswain/machinery';
import { dnsSubdomainName } from '../../names.ts';
import { validateLabelName } from '../../object-meta.ts';
import { addInvalid, type Errors, type Json, sizeOf } from '../../values.ts';

/** ValidateNodeSelector: terms that a node's labels and fields are matched with. */
export function validateNodeSelector(errs: Errors, selector: Json, path: FieldPath, lenient = false): void {
  const place = path.child('nodeSelectorTerms');
  const terms: readonly Json[] = selector['nodeSelectorTerms'] ?? [];
  if (terms.length === 0) errs.push(required(place, 'must have at least one node selector term'));
  terms.forEach((term, i) => {
    validateNodeSelectorTerm(errs, term, place.index(i), lenient);
  });
}

/** One term; `lenient` lets values pass that no label can have. */
export function validateNodeSelectorTerm(errs: Errors, term: Json, path: FieldPath, lenient: boolean): void {
  const expressions: readonly Json[] = term['matchExpressions'] ?? [];
  expressions.forEach((requirement, i) => {
    validateLabelRequirement(errs, requirement, path.child('matchExpressions').index(i), lenient);
  });
  const fields: readonly Json[] = term['matchFields'] ?? [];
  fields.forEach((requirement, i) => {
    validateFieldRequirement(errs, requirement, path.child('matchFields').index(i));
  });
}

function validateLabelRequirement(errs: Errors, requirement: Json, path: FieldPath, lenient: boolean): void {
  const { operator, key } = requirement;
  const values: readonly string[] = requirement['values'] ?? [];
  const place = path.child('values');
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) {
      errs.push(required(place, "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) {
      errs.push(forbidden(place, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    }
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) {
      errs.push(required(place, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
    }
  } else {
    errs.push(invalid(path.child('operator'), operator ?? '', 'not a valid selector operator'));
  }
  validateLabelName(errs, key, path.child('key'));
  if (lenient) return;
  values.forEach((value, i) => {
    addInvalid(errs, place.index(i), value, isValidLabelValue(value));
  });
}

function validateFieldRequirement(errs: Errors, requirement: Json, path: FieldPath): void {
  const { operator, key } = requirement;
  const values: readonly string[] = requirement['values'] ?? [];
  if (operator === 'In' || operator === 'NotIn') {
    if (sizeOf(values as unknown[]) !== 1) {
      const message = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
      errs.push(required(path.child('values'), message));
    }
  } else {
    errs.push(invalid(path.child('operator'), operator ?? '', 'not a valid selector operator'));
  }
  if (key !== 'metadata.name') {
    errs.push(invalid(path.child('key'), key ?? '', 'not a valid field selector key'));
    return;
  }
  values.forEach((value, i) => {
    addInvalid(errs, path.child('values').index(i), value, dnsSubdomainName(value, false));
  });
}
