import { duplicate, type FieldPath, invalid, isQualifiedName, required } from '@coxswain/machinery';
import { type ExpressionFaults, reportExpression } from '../expression-faults.ts';
import { validateConditions } from '../misc/policy.ts';
import {
  addInvalid,
  blank,
  byteLength,
  type Errors,
  type Json,
  oneOf,
  requireText,
  specPath,
  statusPath,
} from '../values.ts';
import {
  validateConstraints,
  validateFailurePolicy,
  validateParamKind,
  validatePolicyConditions,
  validateVariables,
} from './policy-spec.ts';

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const mostAnnotations = 20;
const longestValueExpression = 5 * 1024;

/**
 * ValidateValidatingAdmissionPolicy without the metadata.
 * @param old the stored policy, of an update
 */
export function validateAdmissionPolicy(
  errs: Errors,
  policy: Json,
  old?: Json,
  faults?: ExpressionFaults,
): void {
  const spec: Json = policy['spec'] ?? {};
  validateFailurePolicy(errs, spec);
  validateParamKind(errs, spec);
  validateConstraints(errs, spec);
  validatePolicyConditions(errs, spec, old?.['spec'], faults);
  validateVariables(errs, spec, faults);
  const validations: readonly Json[] = spec['validations'] ?? [];
  const annotations: readonly Json[] = spec['auditAnnotations'] ?? [];
  if (validations.length + annotations.length === 0) {
    const message = 'validations or auditAnnotations must contain at least one item';
    errs.push(required(specPath.child('validations'), message));
    errs.push(required(specPath.child('auditAnnotations'), message));
    return;
  }
  validations.forEach((validation, i) => {
    validateValidation(errs, validation, specPath.child('validations').index(i), faults);
  });
  validateAnnotations(errs, annotations, policy['metadata'].name ?? '', faults);
}

function validateValidation(
  errs: Errors,
  validation: Json,
  path: FieldPath,
  faults: ExpressionFaults | undefined,
): void {
  const { expression, message, messageExpression, reason } = validation;
  const rule = path.child('expression');
  if (blank(expression?.trim())) errs.push(required(rule, 'expression is not specified'));
  else reportExpression(errs, faults, rule);
  const text = path.child('messageExpression');
  if (!blank(messageExpression)) {
    if (messageExpression.trim() === '') {
      errs.push(invalid(text, messageExpression, 'must be non-empty if specified'));
    } else reportExpression(errs, faults, text);
  }
  if (!blank(message) && message.trim() === '') {
    errs.push(invalid(path.child('message'), message, 'must be non-empty if specified'));
  } else if (/[\n\r]/.test(message?.trim() ?? '')) {
    errs.push(invalid(path.child('message'), message, 'must not contain line breaks'));
  }
  if (reason != null) oneOf(errs, path.child('reason'), reason, reasons);
}

function validateAnnotations(
  errs: Errors,
  annotations: readonly Json[],
  policy: string,
  faults: ExpressionFaults | undefined,
): void {
  const path = specPath.child('auditAnnotations');
  if (annotations.length > mostAnnotations) {
    const shown = annotations.map(({ key = '', valueExpression = '' }) => ({
      Key: key,
      ValueExpression: valueExpression,
    }));
    errs.push(invalid(path, shown, `must not have more than ${mostAnnotations} auditAnnotations`));
  }
  const keys = new Set<string>();
  annotations.forEach((annotation, i) => {
    const key: string = annotation['key'] ?? '';
    const place = path.index(i).child('key');
    if (policy === '') errs.push(invalid(place, key, 'requires metadata.name be non-empty'));
    else addInvalid(errs, place, `${policy}/${key}`, isQualifiedName(`${policy}/${key}`));
    const value: string = annotation['valueExpression']?.trim() ?? '';
    const expression = path.index(i).child('valueExpression');
    if (value === '') errs.push(required(expression, 'valueExpression is not specified'));
    else if (byteLength(value) > longestValueExpression) {
      errs.push(required(expression, `must not exceed ${longestValueExpression} bytes in length`));
    } else reportExpression(errs, faults, expression);
    if (keys.has(key)) errs.push(duplicate(place, key));
    keys.add(key);
  });
}

/** ValidateValidatingAdmissionPolicyStatusUpdate. */
export function validateAdmissionPolicyStatus(errs: Errors, policy: Json): void {
  const status: Json = policy['status'] ?? {};
  const warnings: readonly Json[] = status['typeChecking']?.expressionWarnings ?? [];
  warnings.forEach((warning, i) => {
    const place = statusPath.child('typeChecking').child('expressionWarnings').index(i);
    requireText(errs, place.child('warning'), warning['warning']);
    requireText(errs, place.child('fieldRef'), warning['fieldRef']?.trim());
  });
  validateConditions(errs, status['conditions'], statusPath.child('conditions'));
}
