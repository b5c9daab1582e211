import {
  deepEqual,
  duplicate,
  FieldPath,
  invalid,
  isDNS1035Label,
  isFullyQualifiedName,
  required,
} from '@coxswain/machinery';
import type { ExpressionFaults } from '../expression-faults.ts';
import { validateLabelSelector } from '../label-selector.ts';
import { blank, type Errors, type Json, oneOf } from '../values.ts';
import { validateMatchConditions } from './match-conditions.ts';
import { validateRuleWithOperations } from './rules.ts';
import { validateWebhookClient } from './webhook-client.ts';

const reviewVersions = ['v1', 'v1beta1'];
const harmless = ['None', 'NoneOnDryRun'];
const sideEffects = ['None', 'NoneOnDryRun', 'Some', 'Unknown'];

/** What is asked of webhooks; an update is not asked for what the stored ones did not satisfy either. */
interface Demands {
  readonly sideEffects: readonly string[];
  readonly knownReviewVersion: boolean;
  readonly uniqueNames: boolean;
  readonly labelValues: boolean;
  readonly matchConditions: boolean;
}

const ofNew: Demands = {
  sideEffects: harmless,
  knownReviewVersion: true,
  uniqueNames: true,
  labelValues: true,
  matchConditions: true,
};

const webhooksOf = (configuration: Json): readonly Json[] => configuration['webhooks'] ?? [];

/** The webhooks of a new validating or mutating configuration. */
export function validateWebhookConfiguration(
  errs: Errors,
  configuration: Json,
  faults?: ExpressionFaults,
): void {
  validateWebhooks(errs, webhooksOf(configuration), ofNew, faults);
}

/** The same of an update. */
export function validateWebhookConfigurationUpdate(
  errs: Errors,
  configuration: Json,
  old: Json,
  faults?: ExpressionFaults,
): void {
  validateWebhooks(
    errs,
    webhooksOf(configuration),
    demandsAfter(webhooksOf(old), webhooksOf(configuration)),
    faults,
  );
}

function demandsAfter(old: readonly Json[], now: readonly Json[]): Demands {
  const versions = (hook: Json): readonly string[] => hook['admissionReviewVersions'] ?? [];
  const selectorFaults: Errors = [];
  for (const hook of old) {
    for (const selector of ['namespaceSelector', 'objectSelector']) {
      validateLabelSelector(selectorFaults, hook[selector], FieldPath.root(selector));
    }
  }
  return {
    sideEffects: old.every((hook) => harmless.includes(hook['sideEffects'])) ? harmless : sideEffects,
    knownReviewVersion: old.every((hook) => versions(hook).length === 0 || knowsVersion(versions(hook))),
    uniqueNames: new Set(old.map((hook) => hook['name'] ?? '')).size === old.length,
    labelValues: selectorFaults.length === 0,
    matchConditions:
      old.length !== now.length ||
      old.some((hook, i) => !deepEqual(hook['matchConditions'] ?? [], now[i]?.['matchConditions'] ?? [])),
  };
}

function validateWebhooks(
  errs: Errors,
  hooks: readonly Json[],
  demands: Demands,
  faults: ExpressionFaults | undefined,
): void {
  const names = new Set<string>();
  hooks.forEach((hook, i) => {
    const path = FieldPath.root('webhooks').index(i);
    validateWebhook(errs, hook, demands, path, faults);
    validateReviewVersions(
      errs,
      hook['admissionReviewVersions'] ?? [],
      demands.knownReviewVersion,
      path.child('admissionReviewVersions'),
    );
    const name: string = hook['name'] ?? '';
    if (!demands.uniqueNames || name === '') return;
    if (names.has(name)) errs.push(duplicate(path.child('name'), name));
    names.add(name);
  });
}

function validateWebhook(
  errs: Errors,
  hook: Json,
  demands: Demands,
  path: FieldPath,
  faults: ExpressionFaults | undefined,
): void {
  validateName(errs, hook['name'], path.child('name'));
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
    errs.push(required(path.child('sideEffects'), `must specify one of ${demands.sideEffects.join(', ')}`));
  }
  known('sideEffects', demands.sideEffects);
  const timeout: number | undefined = hook['timeoutSeconds'];
  if (timeout != null && (timeout > 30 || timeout < 1)) {
    const message = 'the timeout value must be between 1 and 30 seconds';
    errs.push(invalid(path.child('timeoutSeconds'), timeout, message));
  }
  for (const selector of ['namespaceSelector', 'objectSelector']) {
    validateLabelSelector(errs, hook[selector], path.child(selector), !demands.labelValues);
  }
  known('reinvocationPolicy', ['IfNeeded', 'Never']);
  validateWebhookClient(errs, hook['clientConfig'] ?? {}, path.child('clientConfig'));
  if (!demands.matchConditions) return;
  validateMatchConditions(errs, hook['matchConditions'] ?? [], path.child('matchConditions'), faults);
}

/** IsFullyQualifiedName. */
function validateName(errs: Errors, name: string | undefined, path: FieldPath): void {
  if (blank(name)) {
    errs.push(required(path));
    return;
  }
  const messages = isFullyQualifiedName(name!);
  if (messages.length > 0) errs.push(invalid(path, name, messages.join(',')));
}

function knowsVersion(versions: readonly string[]): boolean {
  return versions.some((version) => reviewVersions.includes(version));
}

function validateReviewVersions(
  errs: Errors,
  versions: readonly string[],
  known: boolean,
  path: FieldPath,
): void {
  const all = reviewVersions.join(', ');
  if (versions.length < 1) {
    errs.push(required(path, `must specify one of ${all}`));
    return;
  }
  versions.forEach((version, i) => {
    if (versions.indexOf(version) < i) {
      errs.push(invalid(path.index(i), version, 'duplicate version'));
      return;
    }
    for (const message of isDNS1035Label(version)) errs.push(invalid(path.index(i), version, message));
  });
  if (known && !knowsVersion(versions)) {
    errs.push(invalid(path, versions, `must include at least one of ${all}`));
  }
}
