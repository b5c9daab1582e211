import {
  FieldPath,
  forbidden,
  invalid,
  isQualifiedName,
  notSupported,
  parseQuantity,
  required,
} from '@coxswain/machinery';
import { goEqual } from '../../go-equal.ts';
import { validateClaimSpec } from '../claim-spec.ts';
import { goDiff } from '../go-diff.ts';
import { immutable } from '../immutable.ts';
import { isNativeResource, validateBasicQuantity } from '../resource-names.ts';
import {
  addInvalid,
  blank,
  type Errors,
  immutableMessage,
  type Json,
  keysOf,
  oneOf,
  sizeOf,
  specPath,
  statusPath,
} from '../values.ts';

const claimSpec = 'io.k8s.api.core.v1.PersistentVolumeClaimSpec';
const classAnnotation = 'volume.beta.kubernetes.io/storage-class';

/** ValidatePersistentVolumeClaim without the metadata. */
export function validatePersistentVolumeClaim(errs: Errors, claim: Json): void {
  validateClaimSpec(errs, claim['spec'], specPath);
}

/** ValidatePersistentVolumeClaimUpdate: a claim stays but for its size, its class of attributes and its volume. */
export function validatePersistentVolumeClaimUpdate(errs: Errors, claim: Json, old: Json): void {
  const spec: Json = claim['spec'];
  const before: Json = old['spec'];
  validateClaimSpec(errs, spec, specPath, before['dataSource'] != null || before['dataSourceRef'] != null);
  const munged: Json = { ...spec };
  const oldMunged: Json = { ...before };
  if (!before['volumeName']) oldMunged['volumeName'] = munged['volumeName'];
  allowClassUpgrade(errs, claim, old, munged);
  if (claim['status']?.phase === 'Bound') {
    const requests: Json | undefined = spec['resources']?.requests;
    if (requests != null) {
      const storage: string = before['resources']?.requests?.storage ?? '0';
      munged['resources'] = { ...spec['resources'], requests: { ...requests, storage } };
    }
    if (before['volumeAttributesClassName'] == null) delete munged['volumeAttributesClassName'];
    else munged['volumeAttributesClassName'] = before['volumeAttributesClassName'];
  }
  if (!goEqual(munged, oldMunged, claimSpec)) {
    const message =
      'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    errs.push(forbidden(specPath, `${message}\n${goDiff(oldMunged, munged, claimSpec)}`));
  }
  validateShrinking(errs, claim, old);
  immutable(errs, FieldPath.root('volumeMode'), spec['volumeMode'], before['volumeMode']);
  validateAttributesClass(errs, spec, old);
}

/** A claim without a class may get one, from the old annotation or from the default. */
function allowClassUpgrade(errs: Errors, claim: Json, old: Json, munged: Json): void {
  const annotation: string | undefined = claim['metadata'].annotations?.[classAnnotation];
  const oldAnnotation: string | undefined = old['metadata'].annotations?.[classAnnotation];
  const name: string | undefined = claim['spec'].storageClassName;
  const fromNothing = old['spec'].storageClassName == null && name != null;
  if (fromNothing && oldAnnotation != null && name === oldAnnotation) {
    if (annotation == null || annotation === oldAnnotation) {
      delete munged['storageClassName'];
      return;
    }
  }
  if ((annotation ?? '') !== (oldAnnotation ?? '')) {
    const place = FieldPath.root('metadata').child('annotations', classAnnotation);
    errs.push(invalid(place, annotation ?? '', immutableMessage));
  }
  if (fromNothing && (oldAnnotation == null || name === oldAnnotation)) delete munged['storageClassName'];
}

/** A claim shrinks only to take back a growth that has not happened. */
function validateShrinking(errs: Errors, claim: Json, old: Json): void {
  const read = (text: string | undefined) => parseQuantity(text ?? '0');
  const size = read(claim['spec'].resources?.requests?.storage);
  const oldSize = read(old['spec'].resources?.requests?.storage);
  if (size.compare(oldSize) >= 0 || size.compare(read(old['status']?.capacity?.storage)) > 0) return;
  const place = specPath.child('resources', 'requests', 'storage');
  errs.push(forbidden(place, 'field can not be less than status.capacity'));
}

/** A class that the volume has taken on cannot be left, only changed. */
function validateAttributesClass(errs: Errors, spec: Json, old: Json): void {
  const now: string | undefined = spec['volumeAttributesClassName'];
  if (now === old['spec'].volumeAttributesClassName) return;
  if (old['status']?.currentVolumeAttributesClassName == null || !blank(now)) return;
  const what = now == null ? 'nil' : 'empty string';
  const message = `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`;
  errs.push(forbidden(specPath.child('volumeAttributesClassName'), message));
}

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
].sort();

/** ValidatePersistentVolumeClaimStatusUpdate. */
export function validatePersistentVolumeClaimStatus(errs: Errors, claim: Json): void {
  const status: Json = claim['status'] ?? {};
  if (sizeOf(claim['spec'].accessModes) === 0) errs.push(required(FieldPath.root('Spec', 'accessModes')));
  for (const name of keysOf(status['capacity'])) {
    validateBasicQuantity(errs, status['capacity'][name], statusPath.child('capacity').key(name));
  }
  const states: Json | undefined = status['allocatedResourceStatuses'];
  for (const name of keysOf(states)) {
    const path = statusPath.child('allocatedResourceStatuses');
    validateResourceKey(errs, name, path);
    if (!resizeStates.includes(states![name])) errs.push(notSupported(path, name, resizeStates));
  }
  const allocated: Json | undefined = status['allocatedResources'];
  for (const name of keysOf(allocated)) {
    const path = statusPath.child('allocatedResources');
    if (!validateResourceKey(errs, name, path)) continue;
    validateBasicQuantity(errs, allocated![name], path.key(name));
  }
}

function validateResourceKey(errs: Errors, name: string, path: FieldPath): boolean {
  const messages = isQualifiedName(name);
  addInvalid(errs, path, name, messages);
  if (messages.length > 0) return false;
  return !isNativeResource(name) || oneOf(errs, path, name, ['storage']);
}
