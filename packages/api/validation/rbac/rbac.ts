import { FieldPath, invalid, notSupported, required } from '@coxswain/machinery';
import { semanticEqual } from '../immutable.ts';
import { validateLabelSelector } from '../label-selector.ts';
import { dnsSubdomainName, pathSegmentName } from '../names.ts';
import { addInvalid, blank, type Errors, type Json, requireText, sizeOf } from '../values.ts';

const group = 'rbac.authorization.k8s.io';

/** ValidateRole and ValidateClusterRole without the metadata. */
export function validateRole(errs: Errors, role: Json): void {
  const namespaced = role['kind'] === 'Role';
  const rules: readonly Json[] = role['rules'] ?? [];
  rules.forEach((rule, i) => {
    validateRule(errs, rule, namespaced, FieldPath.root('rules').index(i));
  });
  const aggregation: Json | undefined = role['aggregationRule'];
  if (aggregation == null) return;
  const path = FieldPath.root('aggregationRule', 'clusterRoleSelectors');
  const selectors: readonly Json[] = aggregation['clusterRoleSelectors'] ?? [];
  if (selectors.length === 0) {
    errs.push(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  }
  selectors.forEach((selector, i) => {
    const before = errs.length;
    validateLabelSelector(errs, selector, path.index(i));
    // what has a fault cannot be compiled either, and what was made of it is not there to be shown
    if (errs.length > before) errs.push(invalid(path.index(i), 'null', 'invalid label selector.'));
  });
}

function validateRule(errs: Errors, rule: Json, namespaced: boolean, path: FieldPath): void {
  const { verbs, nonResourceURLs, apiGroups, resources, resourceNames } = rule;
  if (sizeOf(verbs) === 0) {
    errs.push(required(path.child('verbs'), 'verbs must contain at least one value'));
  }
  if (sizeOf(nonResourceURLs) > 0) {
    const place = path.child('nonResourceURLs');
    if (namespaced) {
      errs.push(invalid(place, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    }
    if (sizeOf(apiGroups) + sizeOf(resources) + sizeOf(resourceNames) > 0) {
      const message = 'rules cannot apply to both regular resources and non-resource URLs';
      errs.push(invalid(place, nonResourceURLs, message));
    }
    return;
  }
  if (sizeOf(apiGroups) === 0) {
    errs.push(required(path.child('apiGroups'), 'resource rules must supply at least one api group'));
  }
  if (sizeOf(resources) === 0) {
    errs.push(required(path.child('resources'), 'resource rules must supply at least one resource'));
  }
}

/** ValidateRoleBinding and ValidateClusterRoleBinding without the metadata. */
export function validateRoleBinding(errs: Errors, binding: Json): void {
  const namespaced = binding['kind'] === 'RoleBinding';
  const ref: Json = binding['roleRef'] ?? {};
  const path = FieldPath.root('roleRef');
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (ref['apiGroup'] !== group)
    errs.push(notSupported(path.child('apiGroup'), ref['apiGroup'] ?? '', [group]));
  if (!kinds.includes(ref['kind'])) errs.push(notSupported(path.child('kind'), ref['kind'] ?? '', kinds));
  if (requireText(errs, path.child('name'), ref['name'])) {
    addInvalid(errs, path.child('name'), ref['name'], pathSegmentName(ref['name'], false));
  }
  const subjects: readonly Json[] = binding['subjects'] ?? [];
  subjects.forEach((subject, i) => {
    validateSubject(errs, subject, namespaced, FieldPath.root('subjects').index(i));
  });
}

function validateSubject(errs: Errors, subject: Json, namespaced: boolean, path: FieldPath): void {
  const { kind, name, namespace } = subject;
  const apiGroup: string = subject['apiGroup'] ?? '';
  requireText(errs, path.child('name'), name);
  if (kind === 'ServiceAccount') {
    if (!blank(name)) addInvalid(errs, path.child('name'), name, dnsSubdomainName(name, false));
    if (apiGroup !== '') errs.push(notSupported(path.child('apiGroup'), apiGroup, ['']));
    if (!namespaced && blank(namespace)) errs.push(required(path.child('namespace')));
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== group) errs.push(notSupported(path.child('apiGroup'), apiGroup, [group]));
  } else {
    errs.push(notSupported(path.child('kind'), kind ?? '', ['ServiceAccount', 'User', 'Group']));
  }
}

/** ValidateRoleBindingUpdate: what is bound stays. */
export function validateRoleBindingUpdate(errs: Errors, binding: Json, old: Json): void {
  const ref: Json = binding['roleRef'] ?? {};
  if (semanticEqual(ref, old['roleRef'])) return;
  const shown = { APIGroup: ref['apiGroup'] ?? '', Kind: ref['kind'] ?? '', Name: ref['name'] ?? '' };
  errs.push(invalid(FieldPath.root('roleRef'), shown, 'cannot change roleRef'));
}
