import {
  dnsSubdomainName,
  validateDefinitionNames,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '@coxswain/api';
import {
  type FieldError,
  FieldPath,
  invalid,
  isDNS1035Label,
  isDNS1123Subdomain,
  notSupported,
  required,
} from '@coxswain/machinery';
import { type Definition, isTrue, ownSchemaOf } from '../definition.ts';
import { hasDefaults } from '../schema/schema.ts';
import { apiApprovalOf, approvalAnnotation, isProtectedGroup } from './api-approval.ts';
import { validateConversion } from './conversion.ts';
import { sharedMembersOf, shownVersions } from './internal-version.ts';
import { validateOwnMembers, validateSharedMembers } from './version.ts';

const spec = FieldPath.root('spec');
const names = spec.child('names');
const versionsPath = spec.child('versions');
const status = FieldPath.root('status');
const storedPath = status.child('storedVersions');
const scopes = ['Cluster', 'Namespaced'];

/** All that is wrong with a definition, in the order in which upstream looks; `old` is absent for a creation. */
export function validateDefinition(definition: Definition, old?: Definition): FieldError[] {
  const errors: FieldError[] = [];
  const { metadata } = definition;
  if (old === undefined) {
    validateObjectMeta(errors, metadata, {
      namespaced: false,
      standardFinalizers: false,
      name: (name, prefix) => {
        const texts = dnsSubdomainName(name, prefix);
        const { names: { plural = '' } = {}, group = '' } = definition.spec;
        return name === `${plural}.${group}` ? texts : [...texts, 'must be spec.names.plural+"."+spec.group'];
      },
    });
  } else validateObjectMetaUpdate(errors, metadata, old.metadata);
  validateSpec(errors, definition, old);
  if (old !== undefined) validateFixed(errors, definition, old);
  validateDefinitionNames(errors, definition.status?.acceptedNames ?? {}, status.child('acceptedNames'));
  validateStoredVersions(errors, definition);
  validateApproval(errors, definition, old);
  if (definition.spec.preserveUnknownFields === true && old?.spec.preserveUnknownFields !== true) {
    const text =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
    errors.push(invalid(spec.child('preserveUnknownFields'), true, text));
  }
  return errors;
}

function validateSpec(errors: FieldError[], definition: Definition, old: Definition | undefined): void {
  const { scope = '' as string, preserveUnknownFields = false } = definition.spec;
  // Go writes a list that is not there as null.
  const versions = definition.spec.versions ?? [];
  validateGroup(errors, definition.spec.group ?? '');
  if (scope === '') errors.push(required(spec.child('scope')));
  else if (!scopes.includes(scope)) errors.push(notSupported(spec.child('scope'), scope, scopes));
  validateSchemasAreThere(errors, definition, old);
  if (preserveUnknownFields && versions.some((version) => hasDefaults(ownSchemaOf(version)))) {
    const text = 'must be false in order to use defaults in the schema';
    errors.push(invalid(spec.child('preserveUnknownFields'), true, text));
  }
  const shared = sharedMembersOf(definition);
  versions.forEach((version, i) => {
    const at = versionsPath.index(i);
    const { name = '' } = version;
    const texts = isDNS1035Label(name);
    if (texts.length > 0) errors.push(invalid(at.child('name'), name, texts.join(',')));
    validateOwnMembers(errors, version, old, shared, at);
  });
  const allNames = versions.map(({ name }) => name);
  const refuseVersions = (text: string): void => {
    errors.push(invalid(versionsPath, shownVersions(definition, shared), text));
  };
  if (new Set(allNames).size !== allNames.length) refuseVersions('must contain unique version names');
  if (versions.filter(({ storage }) => storage).length !== 1) {
    refuseVersions('must have exactly one version marked as storage version');
  }
  for (const member of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if ((definition.spec.names?.[member] ?? '') === '') errors.push(required(names.child(member)));
  }
  validateDefinitionNames(errors, definition.spec.names ?? {}, names);
  validateSharedMembers(errors, definition, old, shared, spec);
  const { strategy = '' } = definition.spec.conversion ?? {};
  if (preserveUnknownFields && strategy !== 'None') {
    const text = 'must be None if spec.preserveUnknownFields is true';
    errors.push(invalid(spec.child('conversion', 'strategy'), strategy, text));
  }
  validateConversion(errors, definition, old, spec.child('conversion'));
}

function validateGroup(errors: FieldError[], group: string): void {
  const path = spec.child('group');
  const texts = isDNS1123Subdomain(group);
  if (group === '') errors.push(required(path));
  else if (texts.length > 0) errors.push(invalid(path, group, texts.join(',')));
  else if (!group.includes('.'))
    errors.push(invalid(path, group, 'should be a domain with at least one dot'));
}

/** Definitions of older times may have versions without a schema, as long as nobody is served them. */
function validateSchemasAreThere(
  errors: FieldError[],
  { spec: { versions, preserveUnknownFields } }: Definition,
  old: Definition | undefined,
): void {
  const isOlder = old?.spec.versions.some((version) => ownSchemaOf(version) === undefined) === true;
  (versions ?? []).forEach((version, i) => {
    if (ownSchemaOf(version) !== undefined) return;
    const path = versionsPath.index(i).child('schema', 'openAPIV3Schema');
    if (!isOlder) errors.push(required(path));
    else if (version.served && preserveUnknownFields !== true) {
      errors.push(required(path, 'because otherwise all fields are pruned'));
    }
  });
}

/** What an update may not change: some of it ever, some once the definition is in use. */
function validateFixed(errors: FieldError[], { spec: now }: Definition, old: Definition): void {
  const { spec: before } = old;
  const fixed = (path: FieldPath, value: unknown, past: unknown): void => {
    if (value !== past) errors.push(invalid(path, value, 'field is immutable'));
  };
  if (isTrue(old, 'Established')) {
    fixed(spec.child('scope'), now.scope, before.scope);
    fixed(names.child('kind'), now.names?.kind, before.names.kind);
  }
  fixed(spec.child('group'), now.group, before.group);
  fixed(names.child('plural'), now.names?.plural, before.names.plural);
}

function validateStoredVersions(errors: FieldError[], definition: Definition): void {
  const versions = definition.spec.versions ?? [];
  const stored = definition.status?.storedVersions ?? null;
  if (stored === null || stored.length === 0) {
    errors.push(invalid(storedPath, stored, 'must have at least one stored version'));
    return;
  }
  for (const { name, storage } of versions) {
    if (storage && !stored.includes(name)) {
      errors.push(invalid(storedPath, stored, `must have the storage version ${name}`));
    }
  }
  stored.forEach((name, i) => {
    if (versions.some((version) => version.name === name)) return;
    const text = `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`;
    errors.push(invalid(storedPath.index(i), name, text));
  });
}

/** Who does not touch the approval is not asked for it. */
function validateApproval(errors: FieldError[], definition: Definition, old: Definition | undefined): void {
  if (!isProtectedGroup(definition.spec.group ?? '')) return;
  const { state, value, text } = apiApprovalOf(definition);
  if (old !== undefined && apiApprovalOf(old).state === state) return;
  const path = FieldPath.root('metadata', 'annotations').key(approvalAnnotation);
  if (state === 'missing') errors.push(required(path, text));
  else if (state === 'invalid') errors.push(invalid(path, value, text));
}
