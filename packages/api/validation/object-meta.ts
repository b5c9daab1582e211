import {
  type FieldPath,
  forbidden,
  goQuote,
  invalid,
  isQualifiedName,
  isValidLabelValue,
  type ObjectMeta,
  type OwnerReference,
  parseApiVersion,
  required,
  tooLong,
} from '@coxswain/machinery';
import { immutable } from './immutable.ts';
import { validateManagedFields } from './managed-fields.ts';
import { dnsLabelName, type NameRule, pathSegmentName } from './names.ts';
import { addInvalid, blank, byteLength, type Errors, keysOf, metadataPath, nonNegative } from './values.ts';

const namePath = metadataPath.child('name');
const namespacePath = metadataPath.child('namespace');
const generationPath = metadataPath.child('generation');
const labelsPath = metadataPath.child('labels');
const annotationsPath = metadataPath.child('annotations');
const ownersPath = metadataPath.child('ownerReferences');
const finalizersPath = metadataPath.child('finalizers');

/** What every kind's metadata is checked for beyond its name. */
export interface ObjectMetaRules {
  readonly namespaced: boolean;
  readonly name: NameRule;
  /** Whether unqualified finalizers must be the known ones, as in all groups that came from the core. */
  readonly standardFinalizers: boolean;
}

/** ValidateObjectMeta: the metadata of an object about to be created (or checked as a whole). */
export function validateObjectMeta(errs: Errors, meta: ObjectMeta, rules: ObjectMetaRules): void {
  const { generateName, name, namespace } = meta;
  if (!blank(generateName)) {
    addInvalid(errs, metadataPath.child('generateName'), generateName, rules.name(generateName!, true));
  }
  if (blank(name)) errs.push(required(namePath, 'name or generateName is required'));
  else addInvalid(errs, namePath, name, rules.name(name!, false));
  if (rules.namespaced) {
    if (blank(namespace)) errs.push(required(namespacePath));
    else addInvalid(errs, namespacePath, namespace, dnsLabelName(namespace!, false));
  } else if (!blank(namespace)) {
    errs.push(forbidden(namespacePath, 'not allowed on this type'));
  }
  nonNegative(errs, generationPath, meta.generation);
  validateSharedMeta(errs, meta);
  validateFinalizers(errs, meta.finalizers, false);
  validateManagedFields(errs, meta.managedFields, metadataPath.child('managedFields'));
  if (rules.standardFinalizers) validateStandardFinalizers(errs, meta.finalizers);
}

/** ValidateObjectMetaUpdate: what an update may not change in the metadata. */
export function validateObjectMetaUpdate(errs: Errors, meta: ObjectMeta, old: ObjectMeta): void {
  if (old.deletionTimestamp != null && meta.finalizers != null) {
    noNewFinalizers(errs, meta.finalizers, old.finalizers ?? []);
  }
  if (blank(meta.resourceVersion)) {
    errs.push(invalid(metadataPath.child('resourceVersion'), '', 'must be specified for an update'));
  }
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errs.push(invalid(generationPath, meta.generation ?? 0, 'must not be decremented'));
  }
  if (meta.name !== old.name) immutable(errs, namePath, meta.name ?? '', old.name ?? '');
  if (meta.namespace !== old.namespace)
    immutable(errs, namespacePath, meta.namespace ?? '', old.namespace ?? '');
  if (meta.uid !== old.uid) immutable(errs, metadataPath.child('uid'), meta.uid ?? '', old.uid ?? '');
  immutable(
    errs,
    metadataPath.child('creationTimestamp'),
    meta.creationTimestamp ?? null,
    old.creationTimestamp,
  );
  immutable(errs, metadataPath.child('deletionTimestamp'), meta.deletionTimestamp, old.deletionTimestamp);
  immutable(
    errs,
    metadataPath.child('deletionGracePeriodSeconds'),
    meta.deletionGracePeriodSeconds,
    old.deletionGracePeriodSeconds,
  );
  validateSharedMeta(errs, meta);
  validateManagedFields(errs, meta.managedFields, metadataPath.child('managedFields'));
}

/**
 * What upstream checks of the metadata of every update before the kind's own strategy looks: all of it as that of a
 * new object, and what may not change.
 */
export function validateUpdatedMeta(
  errs: Errors,
  meta: ObjectMeta,
  old: ObjectMeta,
  rules: Pick<ObjectMetaRules, 'namespaced'>,
): void {
  const changes: Errors = [];
  validateObjectMetaUpdate(changes, meta, old);
  // What has passed there passes as new, but for the finalizers.
  if (changes.length === 0) validateFinalizers(errs, meta.finalizers, false);
  else validateObjectMeta(errs, meta, { ...rules, standardFinalizers: false, name: pathSegmentName });
  errs.push(...changes);
}

function validateSharedMeta(errs: Errors, meta: ObjectMeta): void {
  if (meta.labels != null) validateLabels(errs, meta.labels, labelsPath);
  if (meta.annotations != null) validateAnnotations(errs, meta.annotations, annotationsPath);
  if (meta.ownerReferences != null) validateOwnerReferences(errs, meta.ownerReferences);
}

/** Label keys and values; errors name the map, not the key. */
export function validateLabels(
  errs: Errors,
  labels: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): void {
  for (const key of keysOf(labels)) {
    addInvalid(errs, path, key, isQualifiedName(key));
    addInvalid(errs, path, labels![key], isValidLabelValue(labels![key]!));
  }
}

/** A label key on its own. */
export function validateLabelName(errs: Errors, name: string | undefined, path: FieldPath): void {
  addInvalid(errs, path, name ?? '', isQualifiedName(name ?? ''));
}

// 256 KiB for all keys and values of one object's annotations together
const annotationsLimit = 256 * 1024;

/** Annotation keys, in any case, and their size in total. */
export function validateAnnotations(
  errs: Errors,
  annotations: Readonly<Record<string, string>> | undefined,
  path: FieldPath,
): void {
  let size = 0;
  for (const key of keysOf(annotations)) {
    addInvalid(errs, path, key, isQualifiedName(key.toLowerCase()));
    size += byteLength(key) + byteLength(annotations![key]!);
  }
  if (size > annotationsLimit) errs.push(tooLong(path, annotationsLimit));
}

function validateOwnerReferences(errs: Errors, owners: readonly OwnerReference[]): void {
  let controller = '';
  for (const owner of owners) {
    const { group, version } = parseApiVersion(owner.apiVersion ?? '');
    if (version === '') {
      errs.push(invalid(ownersPath.child('apiVersion'), owner.apiVersion ?? '', 'version must not be empty'));
    }
    if (blank(owner.kind)) errs.push(invalid(ownersPath.child('kind'), '', 'must not be empty'));
    if (blank(owner.name)) errs.push(invalid(ownersPath.child('name'), '', 'must not be empty'));
    if (blank(owner.uid)) errs.push(invalid(ownersPath.child('uid'), '', 'must not be empty'));
    if (group === '' && version === 'v1' && owner.kind === 'Event') {
      const message = '/v1, Kind=Event is disallowed from being an owner';
      errs.push(invalid(ownersPath, printedOwner(owner), message));
    }
    if (owner.controller !== true) continue;
    const current = `${owner.kind}/${owner.name}`;
    if (controller === '') {
      controller = current;
      continue;
    }
    const message = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${current}`;
    errs.push(invalid(ownersPath, owners.map(printedOwner), message));
  }
}

/** The members in the order of the Go struct. */
function printedOwner(owner: OwnerReference): OwnerReference {
  const { apiVersion, kind, name, uid, ...rest } = owner;
  return { apiVersion, kind, name, uid, ...rest };
}

/** What ValidateObjectMeta finds wrong with finalizers; `standard` is as `standardFinalizers`. */
export function validateFinalizers(
  errs: Errors,
  finalizers: readonly string[] | undefined,
  standard: boolean,
): void {
  if (finalizers == null) return;
  for (const name of finalizers) addInvalid(errs, finalizersPath, name, isQualifiedName(name));
  if (finalizers.includes('foregroundDeletion') && finalizers.includes('orphan')) {
    errs.push(
      invalid(finalizersPath, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'),
    );
  }
  if (standard) validateStandardFinalizers(errs, finalizers);
}

function validateStandardFinalizers(errs: Errors, finalizers: readonly string[] | undefined): void {
  finalizers?.forEach((name, i) => {
    validateStandardFinalizer(errs, name, finalizersPath.index(i));
  });
}

/** An unqualified finalizer must be one of the legacy three. */
export function validateStandardFinalizer(errs: Errors, name: string, path: FieldPath): void {
  if (name.includes('/')) return;
  if (name === 'kubernetes' || name === 'orphan' || name === 'foregroundDeletion') return;
  errs.push(invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified'));
}

/** The checks of `metadata.finalizers` that upstream runs on update for groups that came from the core. */
export function validateFinalizersOnUpdate(errs: Errors, meta: ObjectMeta): void {
  validateStandardFinalizers(errs, meta.finalizers);
}

function noNewFinalizers(errs: Errors, finalizers: readonly string[], old: readonly string[]): void {
  const extra = [...new Set(finalizers.filter((name) => !old.includes(name)))].sort();
  if (extra.length === 0) return;
  const list = `[]string{${extra.map(goQuote).join(', ')}}`;
  errs.push(
    forbidden(
      finalizersPath,
      `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`,
    ),
  );
}

/** The metadata of a template (a claim inside a pod): labels and annotations only. */
export function validateTemplateObjectMeta(
  errs: Errors,
  meta: ObjectMeta | undefined,
  path: FieldPath,
): void {
  if (meta == null) return;
  validateAnnotations(errs, meta.annotations, path.child('annotations'));
  validateLabels(errs, meta.labels, path.child('labels'));
  for (const field of templateForbidden) {
    const value = meta[field];
    if (value == null || value === '' || value === 0) continue;
    errs.push(forbidden(path.child(field), 'cannot be set'));
  }
}

const templateForbidden = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const;
