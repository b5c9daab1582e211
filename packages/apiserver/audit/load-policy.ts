import { decodeYaml } from '@coxswain/api';
import {
  type FieldError,
  FieldPath,
  goQuote,
  invalid,
  isDNS1123Subdomain,
  notSupported,
  required,
} from '@coxswain/machinery';
import type { AuditStage } from './event.ts';
import type { GroupResources, Policy, PolicyRule } from './policy.ts';

const levels: readonly string[] = ['None', 'Metadata', 'Request', 'RequestResponse'];
const stages: readonly string[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];

/** The policy cannot be used; nothing is audited by it. */
export class AuditPolicyError extends Error {
  override readonly name = 'AuditPolicyError';
  readonly code = 'AUDIT_POLICY';
}

/**
 * Reads a policy file (YAML or JSON).
 * @throws AuditPolicyError in upstream's words
 */
export function parseAuditPolicy(text: string): Policy {
  const value = decode(text);
  const { apiVersion = '', kind = '' } = value;
  if (kind === '' || apiVersion === '') {
    const missing = kind === '' ? "Kind' is missing" : "apiVersion' must be set";
    throw new AuditPolicyError(`failed decoding: Object '${missing} in '${text}'`);
  }
  if (apiVersion !== 'audit.k8s.io/v1' || kind !== 'Policy') {
    throw new AuditPolicyError(
      `failed decoding: no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme "k8s.io/apiserver/pkg/audit/scheme.go:29"`,
    );
  }
  const policy = value as unknown as Policy;
  checkShape(policy);
  const errors = validatePolicy(policy);
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  if (texts.length > 0) {
    throw new AuditPolicyError(texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`);
  }
  if ((policy.rules ?? []).length === 0) throw new AuditPolicyError('loaded illegal policy with 0 rules');
  return policy;
}

function decode(text: string): { apiVersion?: string; kind?: string } {
  try {
    const { object } = decodeYaml(Buffer.from(text), undefined, { strict: false });
    if (typeof object === 'object' && object !== null && !Array.isArray(object)) return object as object;
  } catch (cause) {
    throw new AuditPolicyError(`failed decoding: ${(cause as Error).message}`, { cause });
  }
  throw new AuditPolicyError("failed decoding: couldn't get version/kind; it is no object");
}

/** What Go's decoder would refuse: values of another type than the field's. */
function checkShape(policy: Policy): void {
  const lists = (owner: object, names: readonly string[], where: string): void => {
    for (const name of names) {
      const value = (owner as Record<string, unknown>)[name];
      if (value !== undefined && value !== null && !Array.isArray(value)) {
        throw new AuditPolicyError(
          `failed decoding: json: cannot unmarshal ${typeof value} into Go struct field ${where}.${name} of type []string`,
        );
      }
    }
  };
  lists(policy, ['rules', 'omitStages'], 'Policy');
  for (const rule of policy.rules ?? []) {
    lists(
      rule,
      ['users', 'userGroups', 'verbs', 'resources', 'namespaces', 'nonResourceURLs', 'omitStages'],
      'PolicyRule',
    );
    for (const resources of rule.resources ?? []) {
      lists(resources, ['resources', 'resourceNames'], 'GroupResources');
    }
  }
}

function validatePolicy(policy: Policy): FieldError[] {
  return [
    ...validateStages(policy.omitStages ?? [], FieldPath.root('omitStages')),
    ...(policy.rules ?? []).flatMap((rule, i) => validateRule(rule, FieldPath.root('rules').index(i))),
  ];
}

function validateRule(rule: PolicyRule, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (!rule.level) errors.push(required(path.child('level'), ''));
  else if (!levels.includes(rule.level)) errors.push(notSupported(path.child('level'), rule.level, levels));
  const urls = rule.nonResourceURLs ?? [];
  const urlPath = path.child('nonResourceURLs');
  errors.push(...urls.flatMap((url) => validateUrl(url, urlPath)));
  errors.push(...validateResources(rule.resources ?? [], path.child('resources')));
  errors.push(...validateStages(rule.omitStages ?? [], path.child('omitStages')));
  if (urls.length > 0 && ((rule.resources ?? []).length > 0 || (rule.namespaces ?? []).length > 0)) {
    errors.push(invalid(urlPath, urls, 'rules cannot apply to both regular resources and non-resource URLs'));
  }
  return errors;
}

function validateUrl(url: string, path: FieldPath): FieldError[] {
  if (url === '*') return [];
  const errors: FieldError[] = [];
  if (!url.startsWith('/')) {
    errors.push(invalid(path, url, "non-resource URL rules must begin with a '/' character"));
  }
  if (url.slice(0, -1).includes('*')) {
    errors.push(invalid(path, url, "non-resource URL wildcards '*' must be the final character of the rule"));
  }
  return errors;
}

function validateResources(list: readonly GroupResources[], path: FieldPath): FieldError[] {
  return list.flatMap(({ group = '', resources = [], resourceNames = [] }) => {
    const errors: FieldError[] = [];
    const faults = group === '' ? [] : isDNS1123Subdomain(group);
    if (faults.length > 0) errors.push(invalid(path.child('group'), group, faults.join(',')));
    if (resourceNames.length > 0 && resources.length === 0) {
      errors.push(
        invalid(
          path.child('resourceNames'),
          resourceNames,
          'using resourceNames requires at least one resource',
        ),
      );
    }
    return errors;
  });
}

function validateStages(list: readonly AuditStage[], path: FieldPath): FieldError[] {
  return list.flatMap((stage, i) =>
    stages.includes(stage) ? [] : [invalid(path.index(i), stage, `allowed stages are ${stages.join(',')}`)],
  );
}
