import { duplicate, type FieldPath, invalid, required } from '@coxswain/machinery';
import { validateLabelSelector } from '../label-selector.ts';
import { pathSegmentName } from '../names.ts';
import { addInvalid, type Errors, type Json, oneOf } from '../values.ts';

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];

/** Which requests a webhook or policy is about: operations on groups, versions and resources. */
export function validateRuleWithOperations(errs: Errors, rule: Json, path: FieldPath): void {
  const list: readonly string[] = rule['operations'] ?? [];
  const place = path.child('operations');
  if (list.length === 0) errs.push(required(place));
  wildcardStandsAlone(errs, list, place, 'operations');
  list.forEach((operation, i) => {
    oneOf(errs, place.index(i), operation, operations);
  });
  validateRule(errs, rule, path);
}

function wildcardStandsAlone(errs: Errors, list: readonly string[], path: FieldPath, what: string): void {
  if (list.length < 2 || !list.includes('*')) return;
  errs.push(invalid(path, list, `if '*' is present, must not specify other ${what}`));
}

function validateRule(errs: Errors, rule: Json, path: FieldPath): void {
  for (const [member, what] of [
    ['apiGroups', 'API groups'],
    ['apiVersions', 'API versions'],
  ] as const) {
    const list: readonly string[] = rule[member] ?? [];
    if (list.length === 0) errs.push(required(path.child(member)));
    wildcardStandsAlone(errs, list, path.child(member), what);
    if (member === 'apiGroups') continue;
    list.forEach((version, i) => {
      if (version === '') errs.push(required(path.child(member).index(i)));
    });
  }
  validateResources(errs, rule['resources'] ?? [], path.child('resources'));
  if (rule['scope'] != null) oneOf(errs, path.child('scope'), rule['scope'], scopes);
}

function validateResources(errs: Errors, resources: readonly string[], path: FieldPath): void {
  if (resources.length === 0) errs.push(required(path));
  const allSubresources = new Set<string>();
  const allResources = new Set<string>();
  let bare = false;
  resources.forEach((text, i) => {
    if (text === '') {
      errs.push(required(path.index(i)));
      return;
    }
    const slash = text.indexOf('/');
    if (slash < 0) {
      // of several it is the last that counts
      bare = text !== '*';
      return;
    }
    const resource = text.slice(0, slash);
    const subresource = text.slice(slash + 1);
    if (allSubresources.has(resource)) {
      errs.push(invalid(path.index(i), text, `if '${resource}/*' is present, must not specify ${text}`));
    }
    if (allResources.has(subresource)) {
      errs.push(invalid(path.index(i), text, `if '*/${subresource}' is present, must not specify ${text}`));
    }
    if (subresource === '*') allSubresources.add(resource);
    if (resource === '*') allResources.add(subresource);
  });
  if (resources.length > 1 && resources.includes('*/*')) {
    errs.push(invalid(path, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes('*') && bare) {
    const message = "if '*' is present, must not specify other resources without subresources";
    errs.push(invalid(path, resources, message));
  }
}

/** What a policy or a binding matches: rules, selectors and how versions are compared. */
export function validateMatchResources(errs: Errors, match: Json, path: FieldPath): void {
  if (match['matchPolicy'] == null) errs.push(required(path.child('matchPolicy')));
  else oneOf(errs, path.child('matchPolicy'), match['matchPolicy'], ['Equivalent', 'Exact']);
  for (const member of ['namespaceSelector', 'objectSelector']) {
    if (match[member] == null) errs.push(required(path.child(member)));
    else validateLabelSelector(errs, match[member], path.child(member));
  }
  for (const list of ['resourceRules', 'excludeResourceRules']) {
    const rules: readonly Json[] = match[list] ?? [];
    rules.forEach((rule, i) => {
      validateNamedRule(errs, rule, path.child(list).index(i));
    });
  }
}

function validateNamedRule(errs: Errors, rule: Json, path: FieldPath): void {
  const names: readonly string[] = rule['resourceNames'] ?? [];
  names.forEach((name, i) => {
    const place = path.child('resourceNames').index(i);
    addInvalid(errs, place, name, pathSegmentName(name, false));
    if (names.indexOf(name) < i) errs.push(duplicate(place, name));
  });
  validateRuleWithOperations(errs, rule, path);
}

const mutable = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

/** There is nothing to change in an object that is being deleted. */
export function validateMutableOperations(errs: Errors, match: Json | undefined, path: FieldPath): void {
  const rules: readonly Json[] = match?.['resourceRules'] ?? [];
  for (const rule of rules) {
    for (const operation of (rule['operations'] ?? []) as readonly string[]) {
      oneOf(errs, path.child('resourceRules', 'operations'), operation, mutable);
    }
  }
}
