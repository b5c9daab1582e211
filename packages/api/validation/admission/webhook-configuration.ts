import {
  duplicate,
  FieldPath,
  invalid,
  isDNS1035Label,
  isFullyQualifiedName,
  required,
} from '@coxswain/machinery';
import { validateLabelSelector } from '../label-selector.ts';
import { addInvalid, type Errors, type Json, oneOf } from '../values.ts';
import { validateMatchConditions } from './match-conditions.ts';
import { validateRuleWithOperations } from './rules.ts';
import { validateWebhookClient } from './webhook-client.ts';

const reviewVersions = ['v1', 'v1beta1'];

/** The webhooks of a validating or mutating configuration. */
export function validateWebhookConfiguration(errs: Errors, configuration: Json): void {
  const hooks: readonly Json[] = configuration['webhooks'] ?? [];
  const names = new Set<string>();
  hooks.forEach((hook, i) => {
    const path = FieldPath.root('webhooks').index(i);
    validateWebhook(errs, hook, path);
    validateReviewVersions(
      errs,
      hook['admissionReviewVersions'] ?? [],
      path.child('admissionReviewVersions'),
    );
    const name: string = hook['name'] ?? '';
    if (names.has(name)) errs.push(duplicate(path.child('name'), name));
    names.add(name);
  });
}

function validateWebhook(errs: Errors, hook: Json, path: FieldPath): void {
  const name: string = hook['name'] ?? '';
  if (name === '') errs.push(required(path.child('name')));
  else addInvalid(errs, path.child('name'), name, isFullyQualifiedName(name));
  const rules: readonly Json[] = hook['rules'] ?? [];
  rules.forEach((rule, i) => {
    validateRuleWithOperations(errs, rule, path.child('rules').index(i));
  });
  const known = (member: string, values: readonly string[]): void => {
    if (hook[member] != null) oneOf(errs, path.child(member), hook[member], values);
  };
  known('failurePolicy', ['Fail', 'Ignore']);
  known('matchPolicy', ['Equivalent', 'Exact']);
  if (hook['sideEffects'] == null) {
    errs.push(required(path.child('sideEffects'), 'must specify one of None, NoneOnDryRun'));
  }
  known('sideEffects', ['None', 'NoneOnDryRun']);
  const timeout: number | undefined = hook['timeoutSeconds'];
  if (timeout != null && (timeout > 30 || timeout < 1)) {
    const message = 'the timeout value must be between 1 and 30 seconds';
    errs.push(invalid(path.child('timeoutSeconds'), timeout, message));
  }
  validateLabelSelector(errs, hook['namespaceSelector'], path.child('namespaceSelector'));
  validateLabelSelector(errs, hook['objectSelector'], path.child('objectSelector'));
  known('reinvocationPolicy', ['IfNeeded', 'Never']);
  validateWebhookClient(errs, hook['clientConfig'] ?? {}, path.child('clientConfig'));
  validateMatchConditions(errs, hook['matchConditions'] ?? [], path.child('matchConditions'));
}

function validateReviewVersions(errs: Errors, versions: readonly string[], path: FieldPath): void {
  const known = reviewVersions.join(', ');
  if (versions.length < 1) {
    errs.push(required(path, `must specify one of ${known}`));
    return;
  }
  versions.forEach((version, i) => {
    if (versions.indexOf(version) < i) errs.push(invalid(path.index(i), version, 'duplicate version'));
    for (const message of isDNS1035Label(version)) errs.push(invalid(path.index(i), version, message));
  });
  if (versions.some((version) => reviewVersions.includes(version))) return;
  errs.push(invalid(path, versions, `must include at least one of ${known}`));
}
