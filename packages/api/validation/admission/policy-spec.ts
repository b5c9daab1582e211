import {
  deepEqual,
  type FieldPath,
  invalid,
  isDNS1035Label,
  isDNS1123Subdomain,
  required,
} from '@coxswain/machinery';
import { type ExpressionFaults, reportExpression } from '../expression-faults.ts';
import { blank, type Errors, type Json, oneOf, requireText, sizeOf, specPath } from '../values.ts';
import { validateMatchConditions } from './match-conditions.ts';
import { validateMatchResources } from './rules.ts';

/** What validating and mutating policies have in common, checked in upstream's order. */

export function validateFailurePolicy(errs: Errors, spec: Json): void {
  const path = specPath.child('failurePolicy');
  if (spec['failurePolicy'] == null) errs.push(required(path));
  else oneOf(errs, path, spec['failurePolicy'], ['Fail', 'Ignore']);
}

/** What the policy is about; there must be a rule, which says of what type objects are. */
export function validateConstraints(errs: Errors, spec: Json): void {
  const path = specPath.child('matchConstraints');
  if (spec['matchConstraints'] == null) {
    errs.push(required(path));
    return;
  }
  validateMatchResources(errs, spec['matchConstraints'], path);
  if (sizeOf(spec['matchConstraints'].resourceRules) === 0) errs.push(required(path.child('resourceRules')));
}

/** Match conditions, unless neither they nor what they may refer to have changed. */
export function validatePolicyConditions(
  errs: Errors,
  spec: Json,
  old: Json | undefined,
  faults: ExpressionFaults | undefined,
): void {
  const same = (member: string): boolean => deepEqual(spec[member] ?? null, old?.[member] ?? null);
  if (old !== undefined && same('paramKind') && same('matchConditions')) return;
  validateMatchConditions(errs, spec['matchConditions'] ?? [], specPath.child('matchConditions'), faults);
}

export function validateParamKind(errs: Errors, spec: Json): void {
  const param: Json | undefined = spec['paramKind'];
  if (param == null) return;
  const path = specPath.child('paramKind');
  const version = path.child('apiVersion');
  if (requireText(errs, version, param['apiVersion'])) validateApiVersion(errs, param['apiVersion'], version);
  const kind: string = param['kind'] ?? '';
  if (!requireText(errs, path.child('kind'), kind)) return;
  const messages = isDNS1035Label(kind.toLowerCase());
  if (messages.length === 0) return;
  const message = `may have mixed case, but should otherwise match: ${messages.join(',')}`;
  errs.push(invalid(path.child('kind'), kind, message));
}

function validateApiVersion(errs: Errors, text: string, path: FieldPath): void {
  const parts = text.split('/');
  if (parts.length > 2) {
    errs.push(invalid(path, text, `unexpected GroupVersion string: ${text}`));
    return;
  }
  const version = parts.at(-1)!;
  const group = parts.length === 2 ? parts[0]! : '';
  if (group !== '') {
    const messages = isDNS1123Subdomain(group);
    if (messages.length > 0) errs.push(invalid(path, group, messages.join(',')));
  }
  if (version === '') {
    errs.push(invalid(path, text, 'version must be specified'));
    return;
  }
  const messages = isDNS1035Label(version);
  if (messages.length > 0) errs.push(invalid(path, version, messages.join(',')));
}

const identifier = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

export function validateVariables(errs: Errors, spec: Json, faults: ExpressionFaults | undefined): void {
  const variables: readonly Json[] = spec['variables'] ?? [];
  variables.forEach(({ name, expression }, i) => {
    const place = specPath.child('variables').index(i);
    if (blank(name?.trim())) errs.push(required(place.child('name'), 'name is not specified'));
    else if (!identifier.test(name) || reserved.has(name)) {
      errs.push(invalid(place.child('name'), name, 'must be a valid CEL identifier'));
    }
    const path = place.child('expression');
    if (blank(expression?.trim())) errs.push(required(path, 'expression is not specified'));
    else reportExpression(errs, faults, path);
  });
}
