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
      return name === '*' ? user.name.startsWith(prefix) : user.name === prefix + name;
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
    (url) => url === '*' || url === request.path || request.path.startsWith(folderOf(url)),
  );
}

/** A path stands for all that lies below it too, with or without its `*`. */
function folderOf(url: string): string {
  const folder = url.endsWith('*') ? url.slice(0, -1) : url;
  return folder.endsWith('/') ? folder : `${folder}/`;
}

function has(values: readonly string[], value: string): boolean {
  return values.includes(value) || values.includes('*');
}
