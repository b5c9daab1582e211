import { FieldPath, invalid, parseQuantity } from '@coxswain/machinery';
import { semanticEqual } from '../immutable.ts';
import { printedSelector, validateLabelSelector } from '../label-selector.ts';
import { dnsSubdomainName } from '../names.ts';
import { addInvalid, type Errors, immutableMessage, isNegativeMessage, type Json } from '../values.ts';

const topologyPath = FieldPath.root('nodeTopology');
const classPath = FieldPath.root('storageClassName');

/** ValidateCSIStorageCapacity without the metadata. */
export function validateCSIStorageCapacity(errs: Errors, capacity: Json): void {
  validateLabelSelector(errs, capacity['nodeTopology'], topologyPath);
  const name: string = capacity['storageClassName'] ?? '';
  addInvalid(errs, classPath, name, dnsSubdomainName(name, false));
  const size: string | undefined = capacity['capacity'];
  if (size == null || parseQuantity(size).compare(parseQuantity('0')) >= 0) return;
  errs.push(invalid(FieldPath.root('capacity'), size, isNegativeMessage));
}

/** ValidateCSIStorageCapacityUpdate: what the capacity is of stays. */
export function validateCSIStorageCapacityUpdate(errs: Errors, capacity: Json, old: Json): void {
  if (!semanticEqual(capacity['nodeTopology'], old['nodeTopology'])) {
    const shown = printedSelector(capacity['nodeTopology']) ?? 'null';
    errs.push(invalid(topologyPath, shown, immutableMessage));
  }
  const name: string = capacity['storageClassName'] ?? '';
  if (name !== (old['storageClassName'] ?? '')) errs.push(invalid(classPath, name, immutableMessage));
}
