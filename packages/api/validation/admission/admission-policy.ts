import {
  duplicate,
  type FieldPath,
  invalid,
  isCIdentifier,
  isQualifiedName,
  required,
} from '@coxswain/machinery';
import { validateConditions } from '../misc/policy.ts';
import { dnsSubdomainName } from '../names.ts';
import {
  addInvalid,
  blank,
  type Errors,
  type Json,
  oneOf,
  requireText,
  sizeOf,
  specPath,
  statusPath,
} from '../values.ts';
import { validateMatchConditions } from './match-conditions.ts';
import { validateMatchResources } from './rules.ts';

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];

/** ValidateValidatingAdmissionPolicy without the metadata; expressions are compiled where they are evaluated. */
export function validateAdmissionPolicy(errs: Errors, policy: Json): void {
  const spec: Json = policy['spec'] ?? {};
  validateFailurePolicy(errs, spec);
  validateParamKind(errs, spec['paramKind'], specPath.child('paramKind'));
  validateConstraints(errs, spec);
  validateMatchConditions(errs, spec['matchConditions'] ?? [], specPath.child('matchConditions'));
  validateVariables(errs, spec['variables'] ?? []);
  const validations: readonly Json[] = spec['validations'] ?? [];
  const annotations: readonly Json[] = spec['auditAnnotations'] ?? [];
  if (validations.length + annotations.length === 0) {
    const message = 'validations or auditAnnotations must contain at least one item';
    errs.push(required(specPath.child('validations'), message));
    errs.push(required(specPath.child('auditAnnotations'), message));
    return;
  }
  validations.forEach((validation, i) => {
    validateValidation(errs, validation, specPath.child('validations').index(i));
  });
  annotations.forEach((annotation, i) => {
    const place = specPath.child('auditAnnotations').index(i);
    if (requireText(errs, place.child('key'), annotation['key'])) {
      addInvalid(errs, place.child('key'), annotation['key'], isQualifiedName(annotation['key']));
    }
    if (blank(annotation['valueExpression']?.trim())) {
      errs.push(required(place.child('valueExpression'), 'valueExpression is not specified'));
    }
  });
}

/** ValidateValidatingAdmissionPolicyStatusUpdate. */
export function validateAdmissionPolicyStatus(errs: Errors, policy: Json): void {
  const status: Json = policy['status'] ?? {};
  const warnings: readonly Json[] = status['typeChecking']?.expressionWarnings ?? [];
  warnings.forEach((warning, i) => {
    const place = statusPath.child('typeChecking').child('expressionWarnings').index(i);
    requireText(errs, place.child('warning'), warning['warning']);
    requireText(errs, place.child('fieldRef'), warning['fieldRef']);
  });
  validateConditions(errs, status['conditions'], statusPath.child('conditions'));
}

/** ValidateMutatingAdmissionPolicy without the metadata. */
export function validateMutatingPolicy(errs: Errors, policy: Json): void {
  const spec: Json = policy['spec'] ?? {};
  validateFailurePolicy(errs, spec);
  validateParamKind(errs, spec['paramKind'], specPath.child('paramKind'));
  validateConstraints(errs, spec);
  validateMatchConditions(errs, spec['matchConditions'] ?? [], specPath.child('matchConditions'));
  validateVariables(errs, spec['variables'] ?? []);
  if (sizeOf(spec['mutations']) === 0) {
    errs.push(required(specPath.child('mutations'), 'mutations must contain at least one item'));
  }
  if (blank(spec['reinvocationPolicy'])) errs.push(required(specPath.child('reinvocationPolicy')));
  else oneOf(errs, specPath.child('reinvocationPolicy'), spec['reinvocationPolicy'], ['IfNeeded', 'Never']);
}

function validateFailurePolicy(errs: Errors, spec: Json): void {
  const path = specPath.child('failurePolicy');
  if (spec['failurePolicy'] == null) errs.push(required(path));
  else oneOf(errs, path, spec['failurePolicy'], ['Fail', 'Ignore']);
}

function validateConstraints(errs: Errors, spec: Json): void {
  const path = specPath.child('matchConstraints');
  if (spec['matchConstraints'] == null) {
    errs.push(required(path));
    return;
  }
  validateMatchResources(errs, spec['matchConstraints'], path);
  if (sizeOf(spec['matchConstraints'].resourceRules) === 0) errs.push(required(path.child('resourceRules')));
}

function validateParamKind(errs: Errors, kind: Json | undefined, path: FieldPath): void {
  if (kind == null) return;
  for (const member of ['apiVersion', 'kind']) requireText(errs, path.child(member), kind[member]);
}

function validateVariables(errs: Errors, variables: readonly Json[]): void {
  const names = new Set<string>();
  variables.forEach(({ name, expression }, i) => {
    const place = specPath.child('variables').index(i);
    if (blank(name)) errs.push(required(place.child('name'), 'name is not specified'));
    else {
      addInvalid(errs, place.child('name'), name, isCIdentifier(name));
      if (names.has(name)) errs.push(duplicate(place.child('name'), name));
      names.add(name);
    }
    if (blank(expression?.trim()))
      errs.push(required(place.child('expression'), 'expression is not specified'));
  });
}

function validateValidation(errs: Errors, validation: Json, path: FieldPath): void {
  const { expression, message, messageExpression, reason } = validation;
  if (blank(expression?.trim())) errs.push(required(path.child('expression'), 'expression is not specified'));
  if (!blank(messageExpression) && messageExpression.trim() === '') {
    errs.push(invalid(path.child('messageExpression'), messageExpression, 'must be non-empty if specified'));
  }
  if (!blank(message) && message.trim() === '') {
    errs.push(invalid(path.child('message'), message, 'message must be non-empty if specified'));
  } else if (message?.trim().includes('\n')) {
    errs.push(invalid(path.child('message'), message, 'message must not contain line breaks'));
  }
  if (reason != null) oneOf(errs, path.child('reason'), reason, reasons);
}

const actions = ['Audit', 'Deny', 'Warn'];

/** ValidateValidatingAdmissionPolicyBinding without the metadata; mutating ones have no actions. */
export function validatePolicyBinding(errs: Errors, binding: Json): void {
  const spec: Json = binding['spec'] ?? {};
  const name: string = spec['policyName'] ?? '';
  if (requireText(errs, specPath.child('policyName'), name)) {
    addInvalid(errs, specPath.child('policyName'), name, dnsSubdomainName(name, false));
  }
  validateParamRef(errs, spec['paramRef'], specPath.child('paramRef'));
  if (spec['matchResources'] != null) {
    validateMatchResources(errs, spec['matchResources'], specPath.child('matchResources'));
  }
  if (binding['kind'] === 'ValidatingAdmissionPolicyBinding') {
    validateActions(errs, spec['validationActions'] ?? [], specPath.child('validationActions'));
  }
}

function validateParamRef(errs: Errors, ref: Json | undefined, path: FieldPath): void {
  if (ref == null) return;
  if (blank(ref['name']) && ref['selector'] == null) {
    errs.push(required(path.child('name'), 'one of name or selector must be specified'));
  }
  if (!blank(ref['name']) && ref['selector'] != null) {
    errs.push(invalid(path.child('name'), ref['name'], 'name and selector are mutually exclusive'));
  }
  const action: string | undefined = ref['parameterNotFoundAction'];
  if (action == null) errs.push(required(path.child('parameterNotFoundAction')));
  else oneOf(errs, path.child('parameterNotFoundAction'), action, ['Allow', 'Deny']);
}

function validateActions(errs: Errors, list: readonly string[], path: FieldPath): void {
  if (list.length === 0) errs.push(required(path, 'at least one validation action is required'));
  list.forEach((action, i) => {
    oneOf(errs, path.index(i), action, actions);
    if (list.indexOf(action) < i) errs.push(duplicate(path.index(i), action));
  });
  if (!list.includes('Deny') || !list.includes('Warn')) return;
  const message =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
  errs.push(invalid(path, list, message));
}
