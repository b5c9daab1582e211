import { duplicate, type FieldPath, isQualifiedName, required, tooMany } from '@coxswain/machinery';
import { type ExpressionFaults, reportExpression } from '../expression-faults.ts';
import { addInvalid, blank, type Errors, type Json } from '../values.ts';

const maxConditions = 64;

/** Conditions under which a webhook or policy is asked at all: named expressions. */
export function validateMatchConditions(
  errs: Errors,
  conditions: readonly Json[],
  path: FieldPath,
  faults: ExpressionFaults | undefined,
): void {
  if (conditions.length > maxConditions) errs.push(tooMany(path, conditions.length, maxConditions));
  const names = new Set<string>();
  conditions.forEach((condition, i) => {
    const place = path.index(i);
    const name: string = condition['name'] ?? '';
    const expression = place.child('expression');
    if (blank(condition['expression']?.trim())) errs.push(required(expression));
    else reportExpression(errs, faults, expression);
    if (name === '') {
      errs.push(required(place.child('name')));
      return;
    }
    addInvalid(errs, place.child('name'), name, isQualifiedName(name));
    if (names.has(name)) errs.push(duplicate(place.child('name'), name));
    names.add(name);
  });
}
