import { deepEqual, duplicate, invalid, isQualifiedName, required } from '@coxswain/machinery';
import { validateCSIDriverName } from '../csi.ts';
import { goStruct } from '../go-print.ts';
import {
  addInvalid,
  byteLength,
  type Errors,
  immutableMessage,
  type Json,
  nonNegative,
  specPath,
} from '../values.ts';

const longestNodeID = 256;

/** ValidateCSINode without the metadata. */
export function validateCSINode(errs: Errors, node: Json): void {
  const names = new Set<string>();
  driversOf(node).forEach((driver, i) => {
    const path = specPath.child('drivers').index(i);
    const name: string = driver['name'] ?? '';
    const nodeID: string = driver['nodeID'] ?? '';
    validateCSIDriverName(errs, name, path.child('name'));
    if (nodeID === '') errs.push(required(path.child('nodeID')));
    if (byteLength(nodeID) > longestNodeID) {
      errs.push(invalid(path.child('nodeID'), nodeID, `must be ${longestNodeID} characters or less`));
    }
    nonNegative(errs, path.child('allocatable').child('count'), driver['allocatable']?.count);
    if (names.has(name)) errs.push(duplicate(path.child('name'), name));
    names.add(name);
    const keys: readonly string[] = driver['topologyKeys'] ?? [];
    keys.forEach((key, j) => {
      if (key === '') errs.push(required(path));
      if (keys.indexOf(key) < j) errs.push(duplicate(path, key));
      addInvalid(errs, path, key, isQualifiedName(key));
    });
  });
}

function driversOf(node: Json): readonly Json[] {
  return node['spec']?.drivers ?? [];
}

/** ValidateCSINodeUpdate: of a driver that stays, only how many volumes it can hold may change. */
export function validateCSINodeUpdate(errs: Errors, node: Json, old: Json): void {
  validateCSINode(errs, node);
  const fixed = ({ allocatable: _, ...rest }: Json): Json => rest;
  for (const before of driversOf(old)) {
    for (const driver of driversOf(node)) {
      if (driver['name'] !== before['name'] || deepEqual(fixed(driver), fixed(before))) continue;
      const shown = goStruct(fixed(driver), 'io.k8s.api.storage.v1.CSINodeDriver');
      errs.push(invalid(specPath.child('drivers'), shown, immutableMessage));
    }
  }
}
