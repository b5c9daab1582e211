import { type KubeObject, selectorFromLabelSelector } from '@coxswain/machinery';
import type { AdmissionAttributes, ObjectReader } from '../../access/contract.ts';

/** admissionregistration's RuleWithOperations and NamedRuleWithOperations. */
export interface Rule {
  readonly operations?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly resources?: readonly string[];
  readonly scope?: string;
  readonly resourceNames?: readonly string[];
}

type LabelSelector = Parameters<typeof selectorFromLabelSelector>[0];

/** admissionregistration's MatchResources, and what webhooks have of it. */
export interface Constraints {
  readonly resourceRules?: readonly Rule[];
  readonly excludeResourceRules?: readonly Rule[];
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly matchPolicy?: string;
}

const namespaces = { group: '', resource: 'namespaces' } as const;

/** What decides over admission is not itself decided over: nobody could mend it. */
const exempt: ReadonlySet<string> = new Set([
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
]);

export function isExempt({ resource }: AdmissionAttributes): boolean {
  return resource.group === 'admissionregistration.k8s.io' && exempt.has(resource.resource);
}

/** Whether a request is one of those that constraints are for. */
export function matchesConstraints(
  a: AdmissionAttributes,
  constraints: Constraints,
  reader: ObjectReader,
): boolean {
  if (!matchesNamespace(a, constraints.namespaceSelector, reader)) return false;
  if (!matchesObject(a, constraints.objectSelector)) return false;
  const equivalent = constraints.matchPolicy !== 'Exact';
  if (constraints.excludeResourceRules?.some((rule) => matchesRule(a, rule, equivalent)) === true)
    return false;
  const rules = constraints.resourceRules ?? [];
  return rules.length === 0 || rules.some((rule) => matchesRule(a, rule, equivalent));
}

/** @param equivalent other versions of the resource count too */
export function matchesRule(a: AdmissionAttributes, rule: Rule, equivalent: boolean): boolean {
  const has = (list: readonly string[] | undefined, value: string): boolean =>
    list?.some((one) => one === '*' || one === value) === true;
  return (
    matchesScope(a, rule.scope) &&
    has(rule.operations, a.operation) &&
    has(rule.apiGroups, a.resource.group) &&
    (equivalent || has(rule.apiVersions, a.resource.version)) &&
    matchesResource(a, rule.resources ?? []) &&
    ((rule.resourceNames?.length ?? 0) === 0 || rule.resourceNames?.includes(a.name) === true)
  );
}

function matchesScope(a: AdmissionAttributes, scope = '*'): boolean {
  if (scope === '' || scope === '*') return true;
  // A namespace is cluster-scoped, though its requests bear its name as their namespace.
  const clusterScoped = a.namespace === '' || isNamespace(a);
  return clusterScoped === (scope === 'Cluster');
}

function matchesResource(a: AdmissionAttributes, resources: readonly string[]): boolean {
  return resources.some((entry) => {
    const [resource = '', subresource = ''] = entry.split('/');
    return (
      (resource === '*' || resource === a.resource.resource) &&
      (subresource === '*' || subresource === a.subresource)
    );
  });
}

function isNamespace({ resource }: AdmissionAttributes): boolean {
  return resource.group === '' && resource.resource === 'namespaces';
}

function isEmpty(selector: LabelSelector | undefined): boolean {
  const { matchLabels, matchExpressions } = selector ?? {};
  return Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions?.length ?? 0) === 0;
}

function matchesNamespace(
  a: AdmissionAttributes,
  selector: LabelSelector | undefined,
  reader: ObjectReader,
): boolean {
  if (isEmpty(selector)) return true;
  if (a.namespace === '' && !isNamespace(a)) return true;
  const namespace = namespaceOf(a, reader);
  return selectorFromLabelSelector(selector as LabelSelector).matches(namespace?.metadata.labels);
}

/** The namespace that a request is about or in. */
export function namespaceOf(a: AdmissionAttributes, reader: ObjectReader): KubeObject | undefined {
  if (isNamespace(a) && a.subresource === '' && a.operation !== 'DELETE') return a.object;
  const name = isNamespace(a) ? a.name : a.namespace;
  return name === '' ? undefined : reader.get(namespaces, '', name);
}

function matchesObject(a: AdmissionAttributes, selector: LabelSelector | undefined): boolean {
  if (isEmpty(selector)) return true;
  const compiled = selectorFromLabelSelector(selector as LabelSelector);
  return [a.object, a.oldObject].some(
    (object) => object !== undefined && compiled.matches(object.metadata.labels),
  );
}
