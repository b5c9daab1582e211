import { duplicate, type FieldPath, invalid, required, tooMany } from '@coxswain/machinery';
import { validateQualifiedName } from '../formats.ts';
import { type Errors, invalidUnshown, type Json, oneOf, sizeOf } from '../values.ts';

const maxRules = 20;
const maxExitCodes = 255;
const maxPatterns = 20;
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];
const operators = ['In', 'NotIn'];
const statuses = ['False', 'True', 'Unknown'];

/** Rules that decide what a failed pod means for its job. */
export function validatePodFailurePolicy(errs: Errors, spec: Json, path: FieldPath): void {
  const rules: readonly Json[] = spec['podFailurePolicy'].rules ?? [];
  const place = path.child('rules');
  if (rules.length > maxRules) errs.push(tooMany(place, rules.length, maxRules));
  const names = new Set<string>();
  for (const list of ['containers', 'initContainers']) {
    for (const container of spec['template'].spec?.[list] ?? []) names.add(container.name);
  }
  rules.forEach((rule, i) => {
    validateRule(errs, rule, spec, names, place.index(i));
  });
}

function validateRule(
  errs: Errors,
  rule: Json,
  spec: Json,
  names: ReadonlySet<string>,
  path: FieldPath,
): void {
  const action: string = rule['action'] ?? '';
  const { onExitCodes } = rule;
  const conditions: readonly Json[] = rule['onPodConditions'] ?? [];
  if (action === 'FailIndex') {
    if (spec['backoffLimitPerIndex'] == null) {
      const message = 'requires the backoffLimitPerIndex to be set';
      errs.push(invalid(path.child('action'), action, message));
    }
  } else {
    requiredWithValues(errs, path.child('action'), action, actions);
  }
  if (onExitCodes != null) validateExitCodes(errs, onExitCodes, names, path.child('onExitCodes'));
  validateConditions(errs, conditions, path.child('onPodConditions'));
  if (onExitCodes != null && conditions.length > 0) {
    const message = 'specifying both OnExitCodes and OnPodConditions is not supported';
    errs.push(invalidUnshown(path, message));
  }
  if (onExitCodes == null && conditions.length === 0) {
    errs.push(invalidUnshown(path, 'specifying one of OnExitCodes and OnPodConditions is required'));
  }
}

function requiredWithValues(errs: Errors, path: FieldPath, value: string, allowed: readonly string[]): void {
  if (value === '') {
    // Go's %q of a list
    errs.push(required(path, `valid values: [${allowed.map((v) => `"${v}"`).join(' ')}]`));
  } else {
    oneOf(errs, path, value, allowed);
  }
}

function validateConditions(errs: Errors, patterns: readonly Json[], path: FieldPath): void {
  if (patterns.length > maxPatterns) errs.push(tooMany(path, patterns.length, maxPatterns));
  patterns.forEach((pattern, i) => {
    validateQualifiedName(errs, pattern['type'], path.index(i).child('type'));
    requiredWithValues(errs, path.index(i).child('status'), pattern['status'] ?? '', statuses);
  });
}

function validateExitCodes(
  errs: Errors,
  requirement: Json,
  names: ReadonlySet<string>,
  path: FieldPath,
): void {
  const operator: string = requirement['operator'] ?? '';
  const container: string | undefined = requirement['containerName'];
  const values: readonly number[] = requirement['values'] ?? [];
  const place = path.child('values');
  requiredWithValues(errs, path.child('operator'), operator, operators);
  if (container != null && !names.has(container)) {
    const message = 'must be one of the container or initContainer names in the pod template';
    errs.push(invalid(path.child('containerName'), container, message));
  }
  if (sizeOf(values as unknown[]) === 0) {
    errs.push(invalid(place, requirement['values'], 'at least one value is required'));
  } else if (values.length > maxExitCodes) {
    errs.push(tooMany(place, values.length, maxExitCodes));
  }
  values.forEach((value, i) => {
    if (operator === 'In' && value === 0) {
      errs.push(invalid(place.index(i), value, 'must not be 0 for the In operator'));
    }
    if (values.indexOf(value) < i) errs.push(duplicate(place.index(i), value));
  });
  if (values.some((value, i) => i > 0 && values[i - 1]! > value)) {
    errs.push(invalid(place, values, 'must be ordered'));
  }
}
