import { type FieldError, type FieldPath, invalid, required } from '@coxswain/machinery';
import {
  isStandardQuotaResource,
  validateQuotaResourceName,
  validateResourceQuantity,
} from '../resource-names.ts';
import { type Errors, immutableMessage, type Json, keysOf, sizeOf, specPath, statusPath } from '../values.ts';

const scopesPath = specPath.child('scopes');
const compute = new Set(['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory']);
const scopes = new Set([
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
]);

function isValidForResource(scope: string, resource: string): boolean {
  switch (scope) {
    case 'BestEffort':
      return resource === 'pods';
    case 'VolumeAttributesClass':
      return resource === 'persistentvolumeclaims' || resource === 'requests.storage';
    case 'Terminating':
    case 'NotTerminating':
    case 'NotBestEffort':
    case 'PriorityClass':
    case 'CrossNamespacePodAffinity':
      return resource === 'pods' || compute.has(resource);
    default:
      return true;
  }
}

/** ValidateResourceQuota without the metadata. */
export function validateResourceQuota(errs: Errors, quota: Json): void {
  validateSpec(errs, quota['spec'] ?? {});
  validateResourceQuotaStatus(errs, quota);
}

/** ValidateResourceQuotaStatusUpdate. */
export function validateResourceQuotaStatus(errs: Errors, quota: Json): void {
  validateList(errs, quota['status']?.hard, statusPath.child('hard'));
  validateList(errs, quota['status']?.used, statusPath.child('used'));
}

function validateList(errs: Errors, list: Json | undefined, path: FieldPath): void {
  for (const name of keysOf(list)) {
    validateQuotaResourceName(errs, name, path.key(name));
    validateResourceQuantity(errs, name, list![name], path.key(name));
  }
}

function validateSpec(errs: Errors, spec: Json): void {
  validateList(errs, spec['hard'], specPath.child('hard'));
  validateScopes(errs, spec);
  if (spec['scopeSelector'] != null) {
    validateSelector(errs, spec, specPath.child('scopeSelector').child('matchExpressions'));
  }
}

function misfits(spec: Json, scope: string): string[] {
  return keysOf(spec['hard']).filter(
    (name) => isStandardQuotaResource(name) && !isValidForResource(scope, name),
  );
}

function validateScopes(errs: Errors, spec: Json): void {
  const list: readonly string[] = spec['scopes'] ?? [];
  // Each shows all of them: one text serves for as many as there are.
  let unsupported: FieldError | undefined;
  for (const scope of list) {
    if (!scopes.has(scope)) {
      unsupported ??= invalid(scopesPath, list, 'unsupported scope');
      errs.push(unsupported);
    }
    for (const _ of misfits(spec, scope)) {
      errs.push(invalid(scopesPath, list, 'unsupported scope applied to resource'));
    }
  }
  validateConflicts(errs, list, list, scopesPath);
}

function validateConflicts(
  errs: Errors,
  found: readonly string[],
  shown: readonly string[] | undefined,
  path: FieldPath,
): void {
  for (const scope of ['BestEffort', 'Terminating']) {
    if (found.includes(scope) && found.includes(`Not${scope}`)) {
      errs.push(invalid(path, shown, 'conflicting scopes'));
    }
  }
}

function validateSelector(errs: Errors, spec: Json, path: FieldPath): void {
  const expressions: readonly Json[] = spec['scopeSelector'].matchExpressions ?? [];
  for (const { scopeName: scope, operator, values } of expressions) {
    if (!scopes.has(scope)) errs.push(invalid(path.child('scopeName'), scope ?? '', 'unsupported scope'));
    for (const _ of misfits(spec, scope)) {
      const shown = { MatchExpressions: expressions.map(printed) };
      errs.push(invalid(path, shown, 'unsupported scope applied to resource'));
    }
    if (scopes.has(scope) && scope !== 'PriorityClass' && scope !== 'VolumeAttributesClass') {
      if (operator !== 'Exists') {
        const message =
          "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
        errs.push(invalid(path.child('operator'), operator ?? '', message));
      }
    }
    validateOperator(errs, operator ?? '', values, path);
  }
  const found = expressions.map((e) => e['scopeName']);
  validateConflicts(errs, found, spec['scopes'], path);
}

function printed(expression: Json): Json {
  const { scopeName, operator, values } = expression;
  return { ScopeName: scopeName ?? '', Operator: operator ?? '', Values: values ?? null };
}

function validateOperator(
  errs: Errors,
  operator: string,
  values: string[] | undefined,
  path: FieldPath,
): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (sizeOf(values) === 0) {
      const message = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      errs.push(required(path.child('values'), message));
    }
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (sizeOf(values) > 0) {
      const message = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
      errs.push(invalid(path.child('values'), values, message));
    }
  } else {
    errs.push(invalid(path.child('operator'), operator, 'not a valid selector operator'));
  }
}

/** ValidateResourceQuotaUpdate: the scopes stay. */
export function validateResourceQuotaUpdate(errs: Errors, quota: Json, old: Json): void {
  validateSpec(errs, quota['spec'] ?? {});
  const now = new Set<string>(quota['spec']?.scopes);
  const before = new Set<string>(old['spec']?.scopes);
  if (now.size === before.size && [...now].every((scope) => before.has(scope))) return;
  errs.push(invalid(scopesPath, quota['spec']?.scopes, immutableMessage));
}
