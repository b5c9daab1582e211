import { FieldPath, forbidden, invalid, isQualifiedName, required, tooLong } from '@coxswain/machinery';
import { validateCSIDriverName } from '../csi.ts';
import { immutable, semanticEqual } from '../immutable.ts';
import { dnsSubdomainName } from '../names.ts';
import { validateLabelName } from '../object-meta.ts';
import {
  addInvalid,
  blank,
  byteLength,
  type Errors,
  type Json,
  keysOf,
  oneOf,
  requireText,
  sizeOf,
  sortedMap,
  specPath,
} from '../values.ts';

const maxParameters = 512;
const parametersSize = 256 * 1024;

/** ValidateStorageClass without the metadata. */
export function validateStorageClass(errs: Errors, storage: Json): void {
  validateProvisioner(errs, storage['provisioner'], FieldPath.root('provisioner'));
  validateParameters(errs, storage['parameters'], FieldPath.root('parameters'));
  const { reclaimPolicy, volumeBindingMode } = storage;
  if (!blank(reclaimPolicy)) {
    oneOf(errs, FieldPath.root('reclaimPolicy'), reclaimPolicy, ['Delete', 'Retain']);
  }
  const modePath = FieldPath.root('volumeBindingMode');
  if (volumeBindingMode == null) errs.push(required(modePath));
  else oneOf(errs, modePath, volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']);
  const terms: readonly Json[] = storage['allowedTopologies'] ?? [];
  terms.forEach((term, i) => {
    validateTopology(errs, term, FieldPath.root('allowedTopologies').index(i));
  });
}

function validateProvisioner(errs: Errors, name: string | undefined, path: FieldPath): void {
  if (blank(name)) errs.push(required(path));
  else addInvalid(errs, path, name, isQualifiedName(name!.toLowerCase()));
}

function validateParameters(errs: Errors, parameters: Json | undefined, path: FieldPath): void {
  if (sizeOf(parameters) > maxParameters) {
    errs.push(tooLong(path, maxParameters));
    return;
  }
  let size = 0;
  for (const key of keysOf(parameters)) {
    if (key === '') errs.push(invalid(path, key, 'field can not be empty.'));
    size += byteLength(key) + byteLength(parameters![key]);
  }
  if (size > parametersSize) errs.push(tooLong(path, parametersSize));
}

function validateTopology(errs: Errors, term: Json, path: FieldPath): void {
  const expressions: readonly Json[] = term['matchLabelExpressions'] ?? [];
  expressions.forEach((expression, i) => {
    const place = path.child('matchLabelExpressions').index(i);
    if (sizeOf(expression['values']) === 0) errs.push(required(place.child('values')));
    validateLabelName(errs, expression['key'], place.child('key'));
  });
}

/** ValidateStorageClassUpdate: only expansion, mount options and topologies may change. */
export function validateStorageClassUpdate(errs: Errors, storage: Json, old: Json): void {
  const now = sortedMap(storage['parameters']);
  if (!semanticEqual(now ?? {}, old['parameters'] ?? {})) {
    errs.push(invalid(FieldPath.root('parameters'), now, 'field is immutable'));
  }
  for (const member of ['provisioner', 'reclaimPolicy', 'volumeBindingMode']) {
    immutable(errs, FieldPath.root(member), storage[member], old[member]);
  }
}

/** ValidateVolumeAttachment without the metadata. */
export function validateVolumeAttachment(errs: Errors, attachment: Json): void {
  const spec: Json = attachment['spec'] ?? {};
  const { attacher, nodeName, source } = spec;
  if (requireText(errs, specPath.child('attacher'), attacher)) {
    validateCSIDriverName(errs, attacher, specPath.child('attacher'));
  }
  const volume: string | undefined = source?.persistentVolumeName;
  const place = specPath.child('source');
  if (source?.inlineVolumeSpec == null && blank(volume)) {
    errs.push(required(place, 'must specify one of inlineVolumeSpec and persistentVolumeName'));
  } else if (source?.inlineVolumeSpec != null && !blank(volume)) {
    errs.push(forbidden(place, 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  }
  const nodePath = specPath.child('nodeName');
  addInvalid(errs, nodePath, nodeName ?? '', dnsSubdomainName(nodeName ?? '', false));
}

/** ValidateVolumeAttachmentUpdate: the spec stays. */
export function validateVolumeAttachmentUpdate(errs: Errors, attachment: Json, old: Json): void {
  immutable(errs, specPath, attachment['spec'], old['spec']);
}

const fsGroupPolicies = ['File', 'None', 'ReadWriteOnceWithFSType'];
const modes = ['Ephemeral', 'Persistent'];

/** ValidateCSIDriver without the metadata's generic part. */
export function validateCSIDriver(errs: Errors, driver: Json): void {
  validateCSIDriverName(errs, driver['metadata'].name, FieldPath.root('metadata', 'name'));
  const spec: Json = driver['spec'] ?? {};
  for (const member of ['attachRequired', 'podInfoOnMount', 'storageCapacity']) {
    if (spec[member] == null) errs.push(required(specPath.child(member)));
  }
  if (spec['fsGroupPolicy'] != null) {
    oneOf(errs, specPath.child('fsGroupPolicy'), spec['fsGroupPolicy'], fsGroupPolicies);
  }
  const lifecycles: readonly string[] = spec['volumeLifecycleModes'] ?? [];
  for (const mode of lifecycles) oneOf(errs, specPath.child('volumeLifecycleModes'), mode, modes);
}
