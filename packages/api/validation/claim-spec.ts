import { type FieldPath, forbidden, invalid, isDNS1123Subdomain, required } from '@coxswain/machinery';
import { validateLabelSelector } from './label-selector.ts';
import { dnsLabelName, dnsSubdomainName } from './names.ts';
import { validatePositiveQuantity } from './resource-names.ts';
import { addInvalid, blank, type Errors, type Json, oneOf, requireText, sizeOf } from './values.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const volumeModes = ['Block', 'Filesystem'];

/** The access modes of a claim or a volume; ReadWriteOncePod stands alone. */
export function validateAccessModes(
  errs: Errors,
  modes: readonly string[] | undefined,
  path: FieldPath,
  detail = '',
): void {
  if (sizeOf(modes as unknown[]) === 0) {
    errs.push(required(path, detail));
    return;
  }
  let single = false;
  let shared = false;
  for (const mode of modes!) {
    if (!oneOf(errs, path, mode, accessModes)) continue;
    if (mode === 'ReadWriteOncePod') single = true;
    else shared = true;
  }
  if (single && shared) errs.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'));
}

/** ValidatePersistentVolumeClaimSpec. */
export function validateClaimSpec(errs: Errors, spec: Json, path: FieldPath, lenientGroup = false): void {
  const modesPath = path.child('accessModes');
  if (sizeOf(spec['accessModes']) === 0) {
    errs.push(required(modesPath, 'at least 1 access mode is required'));
  }
  validateLabelSelector(errs, spec['selector'], path.child('selector'));
  if (sizeOf(spec['accessModes']) > 0) validateAccessModes(errs, spec['accessModes'], modesPath);
  const storagePath = path.child('resources').key('storage');
  const storage: string | undefined = spec['resources']?.requests?.storage;
  if (storage == null) errs.push(required(storagePath));
  else validatePositiveQuantity(errs, storage, storagePath);
  validateClassName(errs, spec['storageClassName'], path.child('storageClassName'));
  if (spec['volumeMode'] != null) {
    oneOf(errs, path.child('volumeMode'), spec['volumeMode'], volumeModes);
  }
  validateDataSources(errs, spec, path, lenientGroup);
  validateClassName(errs, spec['volumeAttributesClassName'], path.child('volumeAttributesClassName'));
}

/** The name of a class when there is one. */
export function validateClassName(errs: Errors, name: string | undefined, path: FieldPath): void {
  if (!blank(name)) addInvalid(errs, path, name, dnsSubdomainName(name!, false));
}

function validateDataSources(errs: Errors, spec: Json, path: FieldPath, lenientGroup: boolean): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource != null) {
    validateDataSource(errs, dataSource, path.child('dataSource'), lenientGroup);
  }
  if (dataSourceRef == null) return;
  validateDataSource(errs, dataSourceRef, path.child('dataSourceRef'), lenientGroup);
  const namespace: string | undefined = dataSourceRef.namespace;
  if (!blank(namespace)) {
    addInvalid(
      errs,
      path.child('dataSourceRef').child('namespace'),
      namespace,
      dnsLabelName(namespace!, false),
    );
  }
  if (dataSource == null) return;
  const shown = {}; // upstream prints the path object itself, which has no visible members
  if (!blank(namespace)) {
    errs.push(invalid(path, shown, 'may not be specified when dataSourceRef.namespace is specified'));
  } else if (
    dataSource.apiGroup !== dataSourceRef.apiGroup ||
    dataSource.kind !== dataSourceRef.kind ||
    dataSource.name !== dataSourceRef.name
  ) {
    errs.push(invalid(path, shown, 'must match dataSourceRef'));
  }
}

function validateDataSource(errs: Errors, source: Json, path: FieldPath, lenientGroup: boolean): void {
  requireText(errs, path.child('name'), source['name']);
  requireText(errs, path.child('kind'), source['kind']);
  const group: string = source['apiGroup'] ?? '';
  if (group === '' && source['kind'] !== 'PersistentVolumeClaim') {
    const message = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
    errs.push(invalid(path, source['kind'] ?? '', message));
  }
  if (group !== '' && !lenientGroup) {
    addInvalid(errs, path.child('apiGroup'), group, isDNS1123Subdomain(group));
  }
}
