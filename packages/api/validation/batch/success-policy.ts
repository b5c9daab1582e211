import { type FieldPath, invalid, required, tooLong, tooMany } from '@coxswain/machinery';
import { type Errors, type Json, nonNegative } from '../values.ts';
import { parseIndexes } from './indexes.ts';

const maxRules = 20;
const longestIndexes = 64 * 1024;

/** Rules by which an indexed job succeeds early. */
export function validateSuccessPolicy(errs: Errors, spec: Json, path: FieldPath): void {
  const policy: Json = spec['successPolicy'];
  const rules: readonly Json[] = policy['rules'] ?? [];
  if (spec['completionMode'] !== 'Indexed') {
    const shown = { Rules: rules.map(printedRule) };
    errs.push(invalid(path, shown, 'requires indexed completion mode'));
    return;
  }
  const place = path.child('rules');
  if (rules.length === 0) {
    const message = 'at least one rules must be specified when the successPolicy is specified';
    errs.push(required(place, message));
  }
  if (rules.length > maxRules) errs.push(tooMany(place, rules.length, maxRules));
  rules.forEach((rule, i) => {
    validateRule(errs, rule, spec['completions'] ?? 0, place.index(i));
  });
}

function printedRule(rule: Json): Json {
  return {
    SucceededIndexes: rule['succeededIndexes'] ?? null,
    SucceededCount: rule['succeededCount'] ?? null,
  };
}

function validateRule(errs: Errors, rule: Json, completions: number, path: FieldPath): void {
  const { succeededCount: count, succeededIndexes: indexes } = rule;
  if (count == null && indexes == null) {
    errs.push(required(path, 'at least one of succeededCount or succeededIndexes must be specified'));
  }
  let total = 0;
  if (indexes != null) {
    const place = path.child('succeededIndexes');
    if (indexes.length > longestIndexes) errs.push(tooLong(place, longestIndexes));
    const parsed = parseIndexes(indexes, completions);
    if (typeof parsed === 'string') {
      errs.push(invalid(place, indexes, `error parsing succeededIndexes: ${parsed}`));
    } else {
      total = parsed;
    }
  }
  if (count == null) return;
  const place = path.child('succeededCount');
  nonNegative(errs, place, count);
  if (count > completions) {
    const message = `must be less than or equal to ${completions} (the number of specified completions)`;
    errs.push(invalid(place, count, message));
  }
  if (indexes != null && count > total) {
    const message = `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`;
    errs.push(invalid(place, count, message));
  }
}
