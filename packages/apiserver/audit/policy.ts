import type { Attributes } from '../access/contract.ts';
import type { AuditLevel, AuditStage } from './event.ts';

/** audit.k8s.io/v1 GroupResources. */
export interface GroupResources {
  readonly group?: string;
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** audit.k8s.io/v1 PolicyRule. */
export interface PolicyRule {
  readonly level: AuditLevel;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly GroupResources[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

/** audit.k8s.io/v1 Policy. */
export interface Policy {
  readonly rules: readonly PolicyRule[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

/** What is written down of one request. */
export interface RequestAuditConfig {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

/** Who asks; absent members: nobody is known yet. */
export type AuditAttributes = Omit<Attributes, 'user'> & { readonly user: Attributes['user'] | undefined };

/** Decides by the first rule that matches; what none matches is not written down. */
export class PolicyRuleEvaluator {
  readonly #rules: readonly { readonly rule: PolicyRule; readonly config: RequestAuditConfig }[];
  readonly #none: RequestAuditConfig;

  constructor(policy: Policy) {
    const omitManagedFields = policy.omitManagedFields ?? false;
    const common = policy.omitStages ?? [];
    this.#none = { level: 'None', omitStages: new Set(common), omitManagedFields };
    this.#rules = policy.rules.map((rule) => ({
      rule,
      config: {
        level: rule.level,
        omitStages: new Set([...common, ...(rule.omitStages ?? [])]),
        omitManagedFields: rule.omitManagedFields ?? omitManagedFields,
      },
    }));
  }

  evaluate(attributes: AuditAttributes): RequestAuditConfig {
    for (const { rule, config } of this.#rules) if (matches(rule, attributes)) return config;
    return this.#none;
  }
}

function matches(rule: PolicyRule, attributes: AuditAttributes): boolean {
  const { user } = attributes;
  if (some(rule.users) && (user === undefined || !rule.users.includes(user.name))) return false;
  if (some(rule.userGroups)) {
    const wanted = rule.userGroups;
    if (user === undefined || !user.groups.some((group) => wanted.includes(group))) return false;
  }
  if (some(rule.verbs) && !rule.verbs.includes(attributes.verb)) return false;
  if (some(rule.namespaces) || some(rule.resources)) return matchesResource(rule, attributes);
  if (some(rule.nonResourceURLs)) {
    return (
      !attributes.resourceRequest && rule.nonResourceURLs.some((url) => matchesPath(attributes.path, url))
    );
  }
  return true;
}

function some<T>(list: readonly T[] | undefined): list is readonly T[] {
  return list !== undefined && list.length > 0;
}

function matchesPath(path: string, pattern: string): boolean {
  if (pattern === '*' || pattern === path) return true;
  return pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1));
}

function matchesResource(rule: PolicyRule, attributes: AuditAttributes): boolean {
  if (!attributes.resourceRequest) return false;
  // Requests for what is in no namespace match ''.
  if (some(rule.namespaces) && !rule.namespaces.includes(attributes.namespace)) return false;
  if (!some(rule.resources)) return true;
  return rule.resources.some((resources) => matchesGroup(resources, attributes));
}

function matchesGroup(wanted: GroupResources, attributes: AuditAttributes): boolean {
  const { group = '' } = wanted;
  if (group !== attributes.group && group !== '*') return false;
  if (!some(wanted.resources)) return true;
  if (some(wanted.resourceNames) && !wanted.resourceNames.includes(attributes.name)) return false;
  const { resource, subresource } = attributes;
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  return wanted.resources.some(
    (pattern) =>
      pattern === combined ||
      pattern === '*' ||
      (subresource !== '' && pattern === `*/${subresource}`) ||
      pattern === `${resource}/*`,
  );
}
