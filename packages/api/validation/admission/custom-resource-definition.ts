import {
  FieldPath,
  forbidden,
  invalid,
  isDNS1035Label,
  isDNS1123Subdomain,
  notSupported,
  required,
} from '@coxswain/machinery';
import { dnsSubdomainName } from '../names.ts';
import { validateObjectMeta } from '../object-meta.ts';
import { addInvalid, blank, type Errors, type Json, oneOf, sizeOf, specPath, statusPath } from '../values.ts';
import { validateWebhookClient } from './webhook-client.ts';

const versionsPath = specPath.child('versions');
const storedPath = statusPath.child('storedVersions');
const approval = 'api-approved.kubernetes.io';

/** ValidateCustomResourceDefinition, but for the schemas, whose compiler checks them. */
export function validateDefinition(errs: Errors, definition: Json): void {
  checkDefinition(errs, definition, undefined);
}

function checkDefinition(errs: Errors, definition: Json, old: Json | undefined): void {
  const spec: Json = definition['spec'] ?? {};
  validateObjectMeta(errs, definition['metadata'], {
    namespaced: false,
    standardFinalizers: false,
    name: (name, prefix) => {
      const messages = dnsSubdomainName(name, prefix);
      if (name === `${spec['names']?.plural ?? ''}.${spec['group'] ?? ''}`) return messages;
      return [...messages, 'must be spec.names.plural+"."+spec.group'];
    },
  });
  validateGroup(errs, spec['group'] ?? '');
  const scope: string = spec['scope'] ?? '';
  if (scope === '') errs.push(required(specPath.child('scope')));
  else oneOf(errs, specPath.child('scope'), scope, ['Cluster', 'Namespaced']);
  validateVersions(errs, spec);
  validateNames(errs, spec['names'] ?? {}, specPath.child('names'));
  validateConversion(errs, spec['conversion'] ?? {}, specPath.child('conversion'));
  validateStoredVersions(errs, definition['status']?.storedVersions ?? undefined, spec['versions'] ?? []);
  // Who does not touch the approval is not asked for it.
  const before = old === undefined ? undefined : approvalState(old['metadata']?.annotations);
  if (before === undefined || before !== approvalState(definition['metadata'].annotations)) {
    validateApproval(errs, definition['metadata'].annotations, spec['group'] ?? '');
  }
  if (spec['preserveUnknownFields'] === true) {
    const message =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
    errs.push(invalid(specPath.child('preserveUnknownFields'), true, message));
  }
}

function validateGroup(errs: Errors, group: string): void {
  const path = specPath.child('group');
  if (group === '') {
    errs.push(required(path));
    return;
  }
  const messages = isDNS1123Subdomain(group);
  if (messages.length > 0) errs.push(invalid(path, group, messages.join(',')));
  else if (!group.includes('.')) errs.push(invalid(path, group, 'should be a domain with at least one dot'));
}

function validateVersions(errs: Errors, spec: Json): void {
  const versions: readonly Json[] = spec['versions'] ?? [];
  const names = versions.map((version) => version['name'] ?? '');
  versions.forEach((version, i) => {
    const messages = isDNS1035Label(version['name'] ?? '');
    if (messages.length > 0) {
      errs.push(invalid(versionsPath.index(i).child('name'), version['name'] ?? '', messages.join(',')));
    }
  });
  const shown = versions.map(printedVersion);
  if (new Set(names).size !== names.length) {
    errs.push(invalid(versionsPath, shown, 'must contain unique version names'));
  }
  if (versions.filter((version) => version['storage']).length !== 1) {
    errs.push(invalid(versionsPath, shown, 'must have exactly one version marked as storage version'));
  }
}

/** As the internal struct prints; what all versions share lies beside them there. */
function printedVersion(version: Json): Json {
  return {
    Name: version['name'] ?? '',
    Served: version['served'] ?? false,
    Storage: version['storage'] ?? false,
    Deprecated: version['deprecated'] ?? false,
    DeprecationWarning: version['deprecationWarning'] ?? null,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  };
}

function validateNames(errs: Errors, names: Json, path: FieldPath): void {
  const label = (member: string, value: string, hint = ''): void => {
    const messages = isDNS1035Label(
      value.toLowerCase() === value || hint === '' ? value : value.toLowerCase(),
    );
    if (messages.length > 0) errs.push(invalid(path.child(member), value, hint + messages.join(',')));
  };
  const mixed = 'may have mixed case, but should otherwise match: ';
  for (const member of ['plural', 'kind']) if (blank(names[member])) errs.push(required(path.child(member)));
  if (!blank(names['plural'])) label('plural', names['plural']);
  if (!blank(names['singular'])) label('singular', names['singular']);
  if (!blank(names['kind'])) label('kind', names['kind'], mixed);
  if (!blank(names['listKind'])) label('listKind', names['listKind'], mixed);
  for (const list of ['shortNames', 'categories']) {
    const values: readonly string[] = names[list] ?? [];
    values.forEach((value, i) => {
      const messages = isDNS1035Label(value);
      if (messages.length > 0) errs.push(invalid(path.child(list).index(i), value, messages.join(',')));
    });
  }
  if (!blank(names['kind']) && names['kind'] === names['listKind']) {
    errs.push(invalid(path.child('listKind'), names['listKind'], 'kind and listKind may not be the same'));
  }
}

function validateConversion(errs: Errors, conversion: Json, path: FieldPath): void {
  const strategy: string = conversion['strategy'] ?? '';
  if (strategy !== 'None' && strategy !== 'Webhook') {
    errs.push(notSupported(path.child('strategy'), strategy, ['None', 'Webhook']));
  }
  const versions: readonly string[] = conversion['webhook']?.conversionReviewVersions ?? [];
  if (strategy !== 'Webhook') {
    const message = 'should not be set when strategy is not set to Webhook';
    if (conversion['webhook']?.clientConfig != null) {
      errs.push(forbidden(path.child('webhookClientConfig'), message));
    }
    if (versions.length > 0) errs.push(forbidden(path.child('conversionReviewVersions'), message));
    return;
  }
  const client: Json | undefined = conversion['webhook']?.clientConfig;
  if (client == null) {
    const message = 'required when strategy is set to Webhook';
    errs.push(required(path.child('webhookClientConfig'), message));
  } else {
    validateWebhookClient(errs, client, path.child('webhookClientConfig'));
  }
  const versionsPath = path.child('conversionReviewVersions');
  versions.forEach((version, i) => {
    if (versions.indexOf(version) < i) {
      errs.push(invalid(versionsPath.index(i), version, 'duplicate version'));
      return;
    }
    for (const message of isDNS1035Label(version)) {
      errs.push(invalid(versionsPath.index(i), version, message));
    }
  });
  if (versions.length === 0) errs.push(required(versionsPath));
  else if (!versions.some((version) => version === 'v1' || version === 'v1beta1')) {
    errs.push(invalid(versionsPath, versions, 'must include at least one of v1, v1beta1'));
  }
}

function validateStoredVersions(
  errs: Errors,
  stored: readonly string[] | undefined,
  versions: readonly Json[],
): void {
  if (sizeOf(stored as unknown[]) === 0) {
    errs.push(invalid(storedPath, stored, 'must have at least one stored version'));
    return;
  }
  for (const version of versions) {
    if (!version['storage'] || stored!.includes(version['name'])) continue;
    errs.push(invalid(storedPath, stored, `must have the storage version ${version['name']}`));
  }
  stored!.forEach((name, i) => {
    if (versions.some((version) => version['name'] === name)) return;
    const message = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errs.push(invalid(storedPath.index(i), name, message));
  });
}

function approvalState(annotations: Json | undefined): 'missing' | 'bypassed' | 'approved' | 'invalid' {
  const value: string = annotations?.[approval] ?? '';
  if (value === '') return 'missing';
  if (value.startsWith('unapproved')) return 'bypassed';
  return URL.canParse(value) ? 'approved' : 'invalid';
}

/** Groups of the project itself need somebody's approval, or the word that there is none. */
function validateApproval(errs: Errors, annotations: Json | undefined, group: string): void {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return;
  const path = FieldPath.root('metadata', 'annotations').key(approval);
  const value: string = annotations?.[approval] ?? '';
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (value === '') {
    errs.push(required(path, `protected groups must have approval annotation "${approval}", ${see}`));
  } else if (!value.startsWith('unapproved') && !URL.canParse(value)) {
    const message = `protected groups must have approval annotation "${approval}" with either a URL or a reason starting with "unapproved", ${see}`;
    addInvalid(errs, path, value, [message]);
  }
}

/** What an update may not change: some of it ever, some once the definition is in use. */
export function validateDefinitionUpdate(errs: Errors, definition: Json, old: Json): void {
  checkDefinition(errs, definition, old);
  const established = (old['status']?.conditions ?? []).some(
    (condition: Json) => condition['type'] === 'Established' && condition['status'] === 'True',
  );
  const spec: Json = definition['spec'];
  const before: Json = old['spec'];
  const fixed = (path: FieldPath, now: unknown, past: unknown): void => {
    if (now !== past) errs.push(invalid(path, now, 'field is immutable'));
  };
  if (established) {
    fixed(specPath.child('scope'), spec['scope'], before['scope']);
    fixed(specPath.child('names', 'kind'), spec['names']?.kind, before['names']?.kind);
  }
  fixed(specPath.child('group'), spec['group'], before['group']);
  fixed(specPath.child('names', 'plural'), spec['names']?.plural, before['names']?.plural);
}
