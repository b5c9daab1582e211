import { type KubeObject, newBadRequest } from '@coxswain/machinery';
import type { PolicyRule } from '../authorization/rbac/policy-rule.ts';
import { missingRole, type RbacAuthorizer } from '../authorization/rbac/rbac-authorizer.ts';
import type { UserInfo } from '../contract.ts';
import { groups, nodeOf } from '../users.ts';

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** What the modes of a server can tell about a user's rules. */
export interface RuleSources {
  readonly rbac: RbacAuthorizer | undefined;
  readonly node: boolean;
  readonly alwaysAllow: boolean;
}

/** Answers SelfSubjectRulesReview. @throws {StatusError} 400 when it names no namespace */
export function reviewRules(sources: RuleSources, review: KubeObject, user: UserInfo): KubeObject {
  const namespace: string = review['spec']?.['namespace'] ?? '';
  if (namespace === '') throw newBadRequest('no namespace on request');
  const rules: PolicyRule[] = [];
  const faults: string[] = [];
  if (user.groups.includes(groups.masters)) rules.push(...everything);
  if (sources.alwaysAllow) rules.push(...everything);
  const isNode = sources.node && nodeOf(user) !== undefined;
  if (isNode) faults.push('node authorizer does not support user rule resolution');
  if (sources.rbac !== undefined) {
    const resolved = rulesFor(sources.rbac, user, namespace);
    rules.push(...resolved.rules);
    faults.push(...resolved.faults);
  }
  return {
    apiVersion: review.apiVersion,
    kind: review.kind,
    metadata: {},
    spec: {},
    status: {
      resourceRules: rules.filter((rule) => rule.resources?.length).map(resourceRule),
      nonResourceRules: rules
        .filter((rule) => rule.nonResourceURLs?.length)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
      incomplete: isNode || faults.length > 0,
      ...(faults.length === 0
        ? {}
        : { evaluationError: faults.length === 1 ? faults[0] : `[${faults.join(', ')}]` }),
    },
  };
}

/** Every rule that RBAC gives a user in a namespace, and the texts of roles that were not found. */
export function rulesFor(
  rbac: RbacAuthorizer,
  user: UserInfo,
  namespace: string,
): { rules: PolicyRule[]; faults: string[] } {
  const rules: PolicyRule[] = [];
  const faults: string[] = [];
  rbac.visit(user, namespace, ({ binding }, role) => {
    if (role === undefined) faults.push(missingRole(binding['roleRef']));
    else rules.push(...((role['rules'] ?? []) as PolicyRule[]));
    return false;
  });
  return { rules, faults };
}

function resourceRule(rule: PolicyRule): PolicyRule {
  const { verbs, apiGroups, resources, resourceNames } = rule;
  return {
    verbs,
    ...(apiGroups === undefined ? {} : { apiGroups }),
    ...(resources === undefined ? {} : { resources }),
    ...(resourceNames?.length ? { resourceNames } : {}),
  };
}
