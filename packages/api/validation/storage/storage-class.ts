import { deepEqual, duplicate, FieldPath, invalid, required } from '@coxswain/machinery';
import { immutable, semanticEqual } from '../immutable.ts';
import { validateLabelName } from '../object-meta.ts';
import { blank, type Errors, type Json, oneOf, sortedMap } from '../values.ts';
import { validateParameters, validateProvisioner } from './provisioner.ts';

/** ValidateStorageClass without the metadata. */
export function validateStorageClass(errs: Errors, storage: Json): void {
  validateProvisioner(errs, storage['provisioner'], FieldPath.root('provisioner'));
  validateParameters(errs, storage['parameters'], FieldPath.root('parameters'), true);
  const { reclaimPolicy, volumeBindingMode } = storage;
  if (!blank(reclaimPolicy)) {
    oneOf(errs, FieldPath.root('reclaimPolicy'), reclaimPolicy, ['Delete', 'Retain']);
  }
  const modePath = FieldPath.root('volumeBindingMode');
  if (volumeBindingMode == null) errs.push(required(modePath));
  else oneOf(errs, modePath, volumeBindingMode, ['Immediate', 'WaitForFirstConsumer']);
  validateTopologies(errs, storage['allowedTopologies'] ?? [], FieldPath.root('allowedTopologies'));
}

function validateTopology(errs: Errors, term: Json, path: FieldPath): void {
  const expressions: readonly Json[] = term['matchLabelExpressions'] ?? [];
  const keys = new Set<string>();
  expressions.forEach((expression, i) => {
    const place = path.child('matchLabelExpressions').index(i);
    const values: readonly string[] = expression['values'] ?? [];
    const key: string = expression['key'] ?? '';
    if (values.length === 0) errs.push(required(place.child('values')));
    values.forEach((value, j) => {
      if (values.indexOf(value) < j) errs.push(duplicate(place.child('values').index(j), value));
    });
    validateLabelName(errs, key, place.child('key'));
    if (keys.has(key)) errs.push(duplicate(place.child('key'), key));
    keys.add(key);
  });
}

function validateTopologies(errs: Errors, terms: readonly Json[], path: FieldPath): void {
  const seen: Json[] = [];
  terms.forEach((term, i) => {
    validateTopology(errs, term, path.index(i));
    const choices: Json = {};
    for (const { key, values } of (term['matchLabelExpressions'] ?? []) as Json[]) {
      choices[key ?? ''] = [...(values ?? [])].sort();
    }
    if (seen.some((one) => deepEqual(one, choices))) {
      errs.push(duplicate(path.index(i).child('matchLabelExpressions'), ''));
    }
    seen.push(choices);
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
