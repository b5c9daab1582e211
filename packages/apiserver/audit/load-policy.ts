import { type DocumentSource, findType, isDocumentFault, openDocument } from '@coxswain/api';
import {
  type FieldError,
  FieldPath,
  goQuote,
  invalid,
  isDNS1123Subdomain,
  notSupported,
  required,
  type TypeFact,
} from '@coxswain/machinery';
import { type ConfigFields, configType, typeMeta } from '../config-file/config-type.ts';
import type { AuditStage } from './event.ts';
import type { GroupResources, Policy, PolicyRule } from './policy.ts';

const levels: readonly string[] = ['None', 'Metadata', 'Request', 'RequestResponse'];
const stages: readonly string[] = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];

const version = 'audit.k8s.io/v1';
/** Errors name the scheme by where upstream makes it. */
const schemeName = 'k8s.io/apiserver/pkg/audit/scheme.go:30';
/** Kinds that the scheme knows besides policies. */
const otherKinds: readonly string[] = ['Event', 'EventList', 'PolicyList'];

/** The policy cannot be used; nothing is audited by it. */
export class AuditPolicyError extends Error {
  override readonly name = 'AuditPolicyError';
  readonly code = 'AUDIT_POLICY';
}

/**
 * Reads a policy file (YAML or JSON). Members that no policy has are passed over, as upstream does.
 * @throws AuditPolicyError in upstream's words
 */
export function parseAuditPolicy(text: string): Policy {
  const policy = decode(text);
  const errors = validatePolicy(policy);
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  if (texts.length > 0) {
    throw new AuditPolicyError(texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`);
  }
  if ((policy.rules ?? []).length === 0) throw new AuditPolicyError('loaded illegal policy with 0 rules');
  return policy;
}

function decode(text: string): Policy {
  try {
    const source = openDocument(Buffer.from(text), /^\s*\{/.test(text) ? 'json' : 'yaml');
    checkKind(source);
    return source.decode(policyType(), false).object as Policy;
  } catch (cause) {
    if (!isDocumentFault(cause)) throw cause;
    throw new AuditPolicyError(`failed decoding: ${cause.message}`, { cause });
  }
}

/** What says nothing of its kind is a policy; what says nothing of its version is of none that can be read. */
function checkKind({ meta: { apiVersion, kind } }: DocumentSource): void {
  const isPolicy = kind === '' || kind === 'Policy';
  if (isPolicy && apiVersion === version) return;
  if (isPolicy && apiVersion === '') {
    const internal = 'audit.k8s.io/__internal, Kind=Policy';
    throw new AuditPolicyError(`unknown group version field ${internal} in policy`);
  }
  if (apiVersion === version && otherKinds.includes(kind)) {
    throw new AuditPolicyError(
      `failed decoding: converting (v1.${kind}) to (audit.Policy): unknown conversion`,
    );
  }
  const [kindText, versionText] = [
    goQuote(kind || 'Policy'),
    goQuote(apiVersion || 'audit.k8s.io/__internal'),
  ];
  throw new AuditPolicyError(
    `failed decoding: no kind ${kindText} is registered for version ${versionText} in scheme ${goQuote(schemeName)}`,
  );
}

let known: TypeFact | undefined;

function policyType(): TypeFact {
  known ??= makePolicyType();
  return known;
}

function makePolicyType(): TypeFact {
  const texts = { list: 'string' } as const;
  const omitStages = { list: { named: 'Stage', value: 'string' } } as const;
  const resources: ConfigFields = { group: 'string', resources: texts, resourceNames: texts };
  const rule: ConfigFields = {
    level: { named: 'Level', value: 'string' },
    users: texts,
    userGroups: texts,
    verbs: texts,
    resources: { list: { struct: 'GroupResources', fields: resources } },
    namespaces: texts,
    nonResourceURLs: texts,
    omitStages,
    omitManagedFields: { pointer: 'bool' },
  };
  const metadata = findType('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
  if (metadata === undefined) throw new Error('reading an audit policy: there are no facts of ObjectMeta');
  return configType('Policy', 'v1', {
    ...typeMeta,
    metadata: { type: metadata, goType: 'v1.ObjectMeta' },
    rules: { list: { struct: 'PolicyRule', fields: rule } },
    omitStages,
    omitManagedFields: 'bool',
  });
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
  errors.push(...urls.flatMap((url, i) => validateUrl(url, urlPath.index(i))));
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
    const faults = group === '' || group === '*' ? [] : isDNS1123Subdomain(group);
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
