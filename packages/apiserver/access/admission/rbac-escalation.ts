import { isDeepStrictEqual } from 'node:util';
import { goQuote, type KubeObject, newForbidden, newNotFound } from '@coxswain/machinery';
import type { PolicyRule } from '../authorization/rbac/policy-rule.ts';
import type { RbacAuthorizer, RoleRef } from '../authorization/rbac/rbac-authorizer.ts';
import { describeRules, uncovered } from '../authorization/rbac/rule-cover.ts';
import type { AdmissionAttributes, AdmissionPlugin, Attributes, Authorizer } from '../contract.ts';
import { groups } from '../users.ts';

const rbacGroup = 'rbac.authorization.k8s.io';
const roles = ['roles', 'clusterroles'];
const bindings = ['rolebindings', 'clusterrolebindings'];
const fullAuthority: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/**
 * Keeps users from granting by RBAC objects what they do not hold. Upstream does this in the storage of the
 * RBAC resources, whatever plugins are enabled; here it is the last mutating step, which is as early.
 */
export class RbacEscalation implements AdmissionPlugin {
  readonly name = 'RBACEscalation';
  readonly #authorizer: Authorizer;
  readonly #rbac: RbacAuthorizer;

  constructor(authorizer: Authorizer, rbac: RbacAuthorizer) {
    this.#authorizer = authorizer;
    this.#rbac = rbac;
  }

  handles(operation: string): boolean {
    return operation === 'CREATE' || operation === 'UPDATE';
  }

  admit(a: AdmissionAttributes): void | Promise<void> {
    if (a.resource.group !== rbacGroup || a.subresource !== '' || a.object === undefined) return;
    if (a.user.groups.includes(groups.masters)) return;
    if (a.oldObject !== undefined && onlyForGarbageCollector(a.object, a.oldObject)) return;
    if (roles.includes(a.resource.resource)) return this.#role(a, a.object);
    if (bindings.includes(a.resource.resource)) return this.#binding(a, a.object);
  }

  async #role(a: AdmissionAttributes, role: KubeObject): Promise<void> {
    if (await this.#may(a, 'escalate', a.resource.resource, a.operation === 'CREATE' ? '' : a.name)) return;
    this.#confirm(a, (role['rules'] ?? []) as PolicyRule[]);
    const aggregates = role['aggregationRule'] ?? a.oldObject?.['aggregationRule'];
    if (a.resource.resource !== 'clusterroles' || !aggregates) return;
    if (uncovered(this.#rbac.rulesFor(a.user, '').rules, fullAuthority).length > 0) {
      const cause = 'must have cluster-admin privileges to use an aggregationRule';
      throw newForbidden(a.resource, nameOf(a), cause);
    }
  }

  async #binding(a: AdmissionAttributes, binding: KubeObject): Promise<void> {
    const ref: RoleRef = binding['roleRef'] ?? { apiGroup: '', kind: '', name: '' };
    const resource = ref.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
    if (await this.#may(a, 'bind', resource, ref.name)) return;
    const role = this.#rbac.role(ref, a.namespace);
    // upstream's text names the resource of the request, not that of the missing role
    if (role === undefined) throw newNotFound(a.resource, ref.name);
    this.#confirm(a, (role['rules'] ?? []) as PolicyRule[]);
  }

  #confirm(a: AdmissionAttributes, asked: readonly PolicyRule[]): void {
    const { rules, faults } = this.#rbac.rulesFor(a.user, a.namespace);
    const missing = uncovered(rules, asked);
    if (missing.length === 0) return;
    const who = `user ${goQuote(a.user.name)} (groups=[${a.user.groups.map(goQuote).join(' ')}])`;
    const resolution = faults.length === 0 ? '' : `; resolution errors: [${faults.join(', ')}]`;
    const cause = `${who} is attempting to grant RBAC permissions not currently held:\n${describeRules(missing)}${resolution}`;
    throw newForbidden(a.resource, nameOf(a), cause);
  }

  async #may(a: AdmissionAttributes, verb: string, resource: string, name: string): Promise<boolean> {
    const attributes: Attributes = {
      user: a.user,
      verb,
      resourceRequest: true,
      path: '',
      group: rbacGroup,
      version: '*',
      resource,
      subresource: '',
      namespace: a.namespace,
      name,
    };
    return (await this.#authorizer.authorize(attributes)).decision === 'allow';
  }
}

function nameOf(a: AdmissionAttributes): string {
  return a.object?.metadata.name ?? a.name;
}

/** Whether an update changes only what the garbage collector must be able to change. */
function onlyForGarbageCollector(object: KubeObject, old: KubeObject): boolean {
  const stripped = ({ metadata, ...rest }: KubeObject) => {
    const { ownerReferences: _o, finalizers: _f, managedFields: _m, resourceVersion: _r, ...kept } = metadata;
    return { ...rest, metadata: kept };
  };
  return isDeepStrictEqual(stripped(object), stripped(old));
}
