import { type GroupResource, goQuote, type KubeObject } from '@coxswain/machinery';
import type { Attributes, Authorizer, Decision, ObjectReader, UserInfo } from '../../contract.ts';
import type { UserRules } from '../../external-access.ts';
import { type PolicyRule, rulesOf } from './policy-rule.ts';
import { type Match, type Subject, SubjectIndex } from './subject-index.ts';

const rbacGroup = 'rbac.authorization.k8s.io';
const resource = (plural: string): GroupResource => ({ group: rbacGroup, resource: plural });

const resources = {
  roles: resource('roles'),
  clusterRoles: resource('clusterroles'),
  roleBindings: resource('rolebindings'),
  clusterRoleBindings: resource('clusterrolebindings'),
} as const;

/** A binding's roleRef. */
export interface RoleRef {
  readonly apiGroup: string;
  readonly kind: string;
  readonly name: string;
}

const noOpinion: Decision = { decision: 'no-opinion', reason: '' };

/** Mode `RBAC`: allows what a role grants that a binding gives to the user or one of its groups. */
export class RbacAuthorizer implements Authorizer {
  readonly #reader: ObjectReader;
  readonly #cluster = new SubjectIndex();
  readonly #namespaces = new Map<string, SubjectIndex>();
  readonly #stops: (() => void)[];

  constructor(reader: ObjectReader) {
    this.#reader = reader;
    for (const binding of reader.list(resources.clusterRoleBindings, '')) this.#cluster.add(binding);
    for (const binding of reader.list(resources.roleBindings, '')) this.#index(binding).add(binding);
    this.#stops = [
      reader.onChange(resources.clusterRoleBindings, (before, after) => {
        if (before !== undefined) this.#cluster.remove(before);
        if (after !== undefined) this.#cluster.add(after);
      }),
      reader.onChange(resources.roleBindings, (before, after) => {
        if (before !== undefined) this.#remove(before);
        if (after !== undefined) this.#index(after).add(after);
      }),
    ];
  }

  authorize(attributes: Attributes): Decision {
    let missing: Set<string> | undefined;
    let allowed = undefined as Match | undefined;
    this.visit(attributes.user, attributes.namespace, (match, role) => {
      if (role === undefined) {
        missing ??= new Set();
        missing.add(missingRole(match.binding['roleRef']));
        return false;
      }
      if (!rulesOf(role).allows(attributes)) return false;
      allowed = match;
      return true;
    });
    if (allowed !== undefined) return decisionOf(allowed);
    if (missing === undefined) return noOpinion;
    const texts = [...missing];
    return {
      decision: 'no-opinion',
      reason: `RBAC: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`,
    };
  }

  /** Every binding of the cluster, then of the namespace, that names the user; with its role when there. */
  visit(
    user: UserInfo,
    namespace: string,
    fn: (match: Match, role: KubeObject | undefined) => boolean,
  ): void {
    const call = (match: Match): boolean =>
      fn(match, this.role(match.binding['roleRef'], match.binding.metadata.namespace ?? ''));
    if (this.#cluster.some(user, call) || namespace === '') return;
    this.#namespaces.get(namespace)?.some(user, call);
  }

  /** Every rule that bindings give a user in a namespace, and the texts of roles that were not found. */
  rulesFor(user: UserInfo, namespace: string): UserRules {
    const rules: PolicyRule[] = [];
    const faults: string[] = [];
    this.visit(user, namespace, ({ binding }, role) => {
      if (role === undefined) faults.push(missingRole(binding['roleRef']));
      else rules.push(...((role['rules'] ?? []) as PolicyRule[]));
      return false;
    });
    return { rules, faults };
  }

  /** The role that a reference names, from the binding's namespace. */
  role(ref: RoleRef, namespace: string): KubeObject | undefined {
    return ref.kind === 'ClusterRole'
      ? this.#reader.get(resources.clusterRoles, '', ref.name)
      : this.#reader.get(resources.roles, namespace, ref.name);
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #index(binding: KubeObject): SubjectIndex {
    const namespace = binding.metadata.namespace ?? '';
    const known = this.#namespaces.get(namespace);
    if (known !== undefined) return known;
    const index = new SubjectIndex();
    this.#namespaces.set(namespace, index);
    return index;
  }

  #remove(binding: KubeObject): void {
    const index = this.#index(binding);
    index.remove(binding);
    if (index.empty) this.#namespaces.delete(binding.metadata.namespace ?? '');
  }
}

/** The text of a lookup that found no role. */
function missingRole(ref: RoleRef): string {
  return `${ref.kind === 'ClusterRole' ? 'clusterrole' : 'role'}.${rbacGroup} ${goQuote(ref.name)} not found`;
}

function decisionOf(match: Match): Decision {
  match.allowed ??= { decision: 'allow', reason: describe(match) };
  return match.allowed;
}

function describe({ binding, subject }: Match): string {
  const { name = '', namespace } = binding.metadata;
  const ref: RoleRef = binding['roleRef'];
  const source =
    namespace === undefined
      ? `ClusterRoleBinding ${goQuote(name)}`
      : `RoleBinding ${goQuote(`${name}/${namespace}`)}`;
  return `RBAC: allowed by ${source} of ${ref.kind} ${goQuote(ref.name)} to ${describeSubject(subject, namespace)}`;
}

function describeSubject(subject: Subject, bindingNamespace: string | undefined): string {
  if (subject.kind !== 'ServiceAccount') return `${subject.kind} ${goQuote(subject.name)}`;
  return `ServiceAccount ${goQuote(`${subject.name}/${subject.namespace || (bindingNamespace ?? '')}`)}`;
}
