import { type KubeObject, newBadRequest } from '@coxswain/machinery';
import { everything } from '../authorization/always.ts';
import type { PolicyRule } from '../authorization/rbac/policy-rule.ts';
import type { UserInfo } from '../contract.ts';
import type { RuleSource } from '../external-access.ts';
import { groups } from '../users.ts';

/** Answers SelfSubjectRulesReview. @throws {StatusError} 400 when it names no namespace */
export function reviewRules(sources: readonly RuleSource[], review: KubeObject, user: UserInfo): KubeObject {
  const namespace: string = review['spec']?.['namespace'] ?? '';
  if (namespace === '') throw newBadRequest('no namespace on request');
  const rules: PolicyRule[] = [];
  const faults: string[] = [];
  if (user.groups.includes(groups.masters)) rules.push(...everything);
  for (const source of sources) {
    const resolved = source.rulesFor(user, namespace);
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
      incomplete: faults.length > 0,
      ...(faults.length === 0
        ? {}
        : { evaluationError: faults.length === 1 ? faults[0] : `[${faults.join(', ')}]` }),
    },
  };
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
