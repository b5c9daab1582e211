import type { UserInfo } from '../access/contract.ts';
import type { NonResourceRule, PolicyRules, ResourceRule, SchemaConfig, Subject } from './config.ts';

/** What of a request a FlowSchema looks at. */
export interface FlowRequest {
  readonly resourceRequest: boolean;
  readonly verb: string;
  readonly path: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
}

/** Whether a schema takes a request of that user. */
export function matches(schema: SchemaConfig, user: UserInfo, request: FlowRequest): boolean {
  return schema.rules.some((rules) => matchesRules(rules, user, request));
}

function matchesRules(rules: PolicyRules, user: UserInfo, request: FlowRequest): boolean {
  if (!rules.subjects.some((subject) => matchesSubject(subject, user))) return false;
  return request.resourceRequest
    ? (rules.resourceRules ?? []).some((rule) => matchesResource(rule, request))
    : (rules.nonResourceRules ?? []).some((rule) => matchesPath(rule, request));
}

function matchesSubject(subject: Subject, user: UserInfo): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.user?.name === '*' || subject.user?.name === user.name;
    case 'Group':
      return subject.group?.name === '*' || user.groups.includes(subject.group?.name ?? '');
    case 'ServiceAccount': {
      const { name = '', namespace = '' } = subject.serviceAccount ?? {};
      const prefix = `system:serviceaccount:${namespace}:`;
      if (name !== '*') return user.name === prefix + name;
      return user.name.startsWith(prefix) && !user.name.includes(':', prefix.length);
    }
    default:
      return false;
  }
}

function matchesResource(rule: ResourceRule, request: FlowRequest): boolean {
  const { resource, subresource, namespace } = request;
  if (!has(rule.verbs, request.verb) || !has(rule.apiGroups, request.group)) return false;
  if (!has(rule.resources, subresource === '' ? resource : `${resource}/${subresource}`)) return false;
  return namespace === '' ? rule.clusterScope === true : has(rule.namespaces ?? [], namespace);
}

function matchesPath(rule: NonResourceRule, request: FlowRequest): boolean {
  if (!has(rule.verbs, request.verb)) return false;
  return rule.nonResourceURLs.some(
    (url) =>
      url === '*' ||
      url === request.path ||
      (url.endsWith('*') && request.path.startsWith(url.replace(/\*+$/, ''))),
  );
}

function has(values: readonly string[], value: string): boolean {
  return values.includes(value) || values.includes('*');
}
