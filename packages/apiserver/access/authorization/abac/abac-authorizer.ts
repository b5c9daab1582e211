import type { Attributes, Authorizer, Decision, UserInfo } from '../../contract.ts';
import type { RuleSource, UserRules } from '../../external-access.ts';
import type { AbacPolicy } from './policy-file.ts';

const allowed: Decision = { decision: 'allow', reason: '' };
const unmatched: Decision = { decision: 'no-opinion', reason: 'No policy matched.' };
const reading: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** Mode `ABAC`: allows what a policy of a file says. */
export class AbacAuthorizer implements Authorizer, RuleSource {
  readonly #policies: readonly AbacPolicy[];

  constructor(policies: readonly AbacPolicy[]) {
    this.#policies = policies;
  }

  authorize(attributes: Attributes): Decision {
    return this.#policies.some((policy) => matches(policy, attributes)) ? allowed : unmatched;
  }

  /** The rules that the policies give a user in a namespace. */
  rulesFor(user: UserInfo, namespace: string): UserRules {
    const own = this.#policies.filter(
      (policy) => isSubject(policy, user) && (policy.namespace === '*' || policy.namespace === namespace),
    );
    const rules = own.flatMap(({ readonly, apiGroup, resource, nonResourcePath }) => {
      const verbs = readonly ? [...reading] : ['*'];
      return [
        { verbs, apiGroups: [apiGroup], resources: [resource] },
        { verbs, nonResourceURLs: [nonResourcePath] },
      ];
    });
    return { rules, faults: [] };
  }
}

function matches(policy: AbacPolicy, a: Attributes): boolean {
  if (!isSubject(policy, a.user) || (policy.readonly && !reading.has(a.verb))) return false;
  return a.resourceRequest ? isResource(policy, a) : isPath(policy.nonResourcePath, a.path);
}

function isSubject({ user, group }: AbacPolicy, { name, groups }: UserInfo): boolean {
  if (user === '' && group === '') return false;
  if (user !== '' && user !== '*' && user !== name) return false;
  return group === '' || group === '*' || groups.includes(group);
}

function isResource({ namespace, resource, apiGroup }: AbacPolicy, a: Attributes): boolean {
  return (
    (namespace === '*' || namespace === a.namespace) &&
    (resource === '*' || resource === a.resource) &&
    (apiGroup === '*' || apiGroup === a.group)
  );
}

function isPath(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true;
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''));
}
