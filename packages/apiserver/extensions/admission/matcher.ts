import { type KubeObject, selectorFromLabelSelector } from '@coxswain/machinery';
import type { AdmissionAttributes, ObjectReader } from '../../access/contract.ts';
import type { MatchedResource } from './versioned.ts';

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

/**
 * Whether a request is one of those that constraints are for: gives the resource that they name, its own or an
 * equivalent of it.
 */
export function matchConstraints(
  a: AdmissionAttributes,
  constraints: Constraints,
  reader: ObjectReader,
): MatchedResource | undefined {
  if (!matchesNamespace(a, constraints.namespaceSelector, reader)) return undefined;
  if (!matchesObject(a, constraints.objectSelector)) return undefined;
  const { excludeResourceRules: excluded, resourceRules: rules = [], matchPolicy } = constraints;
  if (excluded !== undefined && matchRules(a, excluded, matchPolicy) !== undefined) return undefined;
  return rules.length === 0 ? 'own' : matchRules(a, rules, matchPolicy);
}

function matchRules(
  a: AdmissionAttributes,
  rules: readonly Rule[],
  matchPolicy: string | undefined,
): MatchedResource | undefined {
  if (rules.some((rule) => matchesRule(a, rule, a.resource))) return 'own';
  if (matchPolicy === 'Exact') return undefined;
  // Rules that do not name the operation or the kind of thing at all have no equivalents to look at.
  if (!rules.some((rule) => has(rule.operations, a.operation))) return undefined;
  return a.served
    ?.equivalents(a.subresource)
    .find((equivalent) => rules.some((rule) => matchesRule(a, rule, equivalent.resource)));
}

function has(list: readonly string[] | undefined, value: string): boolean {
  return list?.some((one) => one === '*' || one === value) === true;
}

/** @param resource the request's, or an equivalent of it */
function matchesRule(a: AdmissionAttributes, rule: Rule, resource: AdmissionAttributes['resource']): boolean {
  return (
    matchesScope(a, rule.scope) &&
    has(rule.operations, a.operation) &&
    has(rule.apiGroups, resource.group) &&
    has(rule.apiVersions, resource.version) &&
    matchesResource(resource.resource, a.subresource, rule.resources ?? []) &&
    ((rule.resourceNames?.length ?? 0) === 0 || rule.resourceNames?.includes(a.name) === true)
  );
}

function matchesScope(a: AdmissionAttributes, scope = '*'): boolean {
  if (scope === '' || scope === '*') return true;
  // A namespace is cluster-scoped, though its requests bear its name as their namespace.
  const clusterScoped = a.namespace === '' || isNamespace(a);
  return clusterScoped === (scope === 'Cluster');
}

function matchesResource(named: string, part: string, resources: readonly string[]): boolean {
  return resources.some((entry) => {
    const [resource = '', subresource = ''] = entry.split('/');
    return (resource === '*' || resource === named) && (subresource === '*' || subresource === part);
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

/** What expressions see as `namespaceObject`: nothing for objects outside of namespaces, namespaces among them. */
export function namespaceShownTo(a: AdmissionAttributes, reader: ObjectReader): KubeObject | undefined {
  if (a.namespace === '' || isNamespace(a)) return undefined;
  return reader.get(namespaces, '', a.namespace);
}
