import { FieldPath } from '@coxswain/machinery';
import { immutable } from '../immutable.ts';
import { type Errors, type Json, sortedMap } from '../values.ts';
import { validateParameters, validateProvisioner } from './provisioner.ts';

const driverPath = FieldPath.root('driverName');
const parametersPath = FieldPath.root('parameters');

/** ValidateVolumeAttributesClass without the metadata. */
export function validateVolumeAttributesClass(errs: Errors, attributes: Json): void {
  validateProvisioner(errs, attributes['driverName'], driverPath);
  validateParameters(errs, attributes['parameters'], parametersPath, false);
}

/** ValidateVolumeAttributesClassUpdate: nothing of it changes. */
export function validateVolumeAttributesClassUpdate(errs: Errors, attributes: Json, old: Json): void {
  immutable(errs, driverPath, attributes['driverName'] ?? '', old['driverName'] ?? '');
  immutable(errs, parametersPath, sortedMap(attributes['parameters']), sortedMap(old['parameters']));
}
