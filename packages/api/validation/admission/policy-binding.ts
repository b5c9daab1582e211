import { duplicate, type FieldPath, forbidden, invalid, notSupported, required } from '@coxswain/machinery';
import { validateLabelSelector } from '../label-selector.ts';
import { dnsSubdomainName, pathSegmentName } from '../names.ts';
import { addInvalid, blank, type Errors, type Json, oneOf, requireText, specPath } from '../values.ts';
import { validateMatchResources, validateMutableOperations } from './rules.ts';

const actions = ['Audit', 'Deny', 'Warn'];

/** ValidateValidatingAdmissionPolicyBinding without the metadata. */
export function validatePolicyBinding(errs: Errors, binding: Json): void {
  validateBinding(errs, binding);
  validateActions(errs, binding['spec']?.validationActions ?? [], specPath.child('validationActions'));
}

/** ValidateMutatingAdmissionPolicyBinding without the metadata. */
export function validateMutatingBinding(errs: Errors, binding: Json): void {
  validateBinding(errs, binding);
  validateMutableOperations(errs, binding['spec']?.matchResources, specPath.child('matchResources'));
}

function validateBinding(errs: Errors, binding: Json): void {
  const spec: Json = binding['spec'] ?? {};
  const name: string = spec['policyName'] ?? '';
  if (requireText(errs, specPath.child('policyName'), name)) {
    addInvalid(errs, specPath.child('policyName'), name, dnsSubdomainName(name, false));
  }
  validateParamRef(errs, spec['paramRef'], specPath.child('paramRef'));
  if (spec['matchResources'] != null) {
    validateMatchResources(errs, spec['matchResources'], specPath.child('matchResources'));
  }
}

function validateParamRef(errs: Errors, ref: Json | undefined, path: FieldPath): void {
  if (ref == null) return;
  const { name, selector, parameterNotFoundAction: action } = ref;
  const exclusive = 'name and selector are mutually exclusive';
  if (!blank(name)) {
    addInvalid(errs, path.child('name'), name, pathSegmentName(name, false));
    if (selector != null) errs.push(forbidden(path.child('name'), exclusive));
  }
  if (selector != null) {
    validateLabelSelector(errs, selector, path.child('selector'));
    if (!blank(name)) errs.push(forbidden(path.child('selector'), exclusive));
  }
  if (blank(name) && selector == null) {
    errs.push(required(path, 'one of name or selector must be specified'));
  }
  const place = path.child('parameterNotFoundAction');
  if (blank(action)) errs.push(required(place));
  else if (action !== 'Deny' && action !== 'Allow') errs.push(notSupported(place, action, ['Deny', 'Allow']));
}

function validateActions(errs: Errors, list: readonly string[], path: FieldPath): void {
  list.forEach((action, i) => {
    oneOf(errs, path.index(i), action, actions);
    if (list.indexOf(action) < i) errs.push(duplicate(path.index(i), action));
  });
  if (list.includes('Deny') && list.includes('Warn')) {
    const message =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errs.push(invalid(path, list, message));
  }
  if (list.length === 0) errs.push(required(path, 'at least one validation action is required'));
}
